"""The API's resources as tables of rows: what each attribute takes, when, and whether null.

One module a noun, each with `TABLES`; a module that is here is in the suites. They are written from
the published contract and its prose, not from the library's declarations.
"""

from importlib import import_module
from pkgutil import iter_modules

from tests.contract.table import Table

TABLES: tuple[Table, ...] = tuple(
    table
    for module in sorted(iter_modules(__path__), key=lambda each: each.name)
    for table in import_module(f"{__name__}.{module.name}").TABLES
)
