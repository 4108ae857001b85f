"""How many examples are tried, and which.

By default a small run that is the same every time, so that no build fails by chance.
KUSTOMER_PROPERTY_EXAMPLES=2000 asks for more, KUSTOMER_PROPERTY_SEED=7 for others.
"""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

sys.path.insert(0, str(Path(__file__).parent))  # pytest's import mode adds no folder of ours
pytest.register_assert_rewrite("oracle")

EXAMPLES = int(os.environ.get("KUSTOMER_PROPERTY_EXAMPLES", "200"))
SEED = os.environ.get("KUSTOMER_PROPERTY_SEED")

QUICK = bool(os.environ.get("KUSTOMER_PROPERTY_NO_SHRINK"))
settings.register_profile(
    "kustomer",
    max_examples=EXAMPLES,
    stateful_step_count=50,
    deadline=None,
    derandomize=SEED is None,
    database=None,
    print_blob=True,
    report_multiple_bugs=False,
    phases=[Phase.generate] if QUICK else list(Phase),
    suppress_health_check=list(HealthCheck),
)
