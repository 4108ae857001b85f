"""`python -m kustomer_orm.cli` is `kustomer-orm`."""

import sys

from kustomer_orm.cli import main

sys.exit(main())
