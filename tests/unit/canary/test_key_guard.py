"""The guard over the whole suite sees a key that gets out."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kustomer_orm.emulator import Emulator
from tests.unit.canary.key_guard import KEY

ROOT = Path(__file__).parents[3]

SUITE = """
import logging

import pytest

from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import KustomerError

KEY = Emulator().api_key

def test_silent():
    logging.getLogger("kustomer_orm").debug("nothing to see")

def test_logged():
    logging.getLogger("kustomer_orm.somewhere").debug("key %s", KEY)

def test_logged_in_a_traceback():
    try:
        raise KustomerError(KEY)
    except KustomerError:
        logging.getLogger("other").exception("oh")

def test_printed():
    print("Bearer " + KEY)

def test_raised():
    raise KustomerError("Bearer " + KEY[:60])
"""
CONFTEST = """
from tests.unit.canary.key_guard import KeyGuard

def pytest_configure(config):
    config.pluginmanager.register(KeyGuard())
"""


def test_every_key_of_an_emulator_is_known_as_one() -> None:
    assert KEY.search(f"Bearer {Emulator().api_key}")
    assert KEY.search(Emulator(org="another", seed=5).api_key[:40])
    assert KEY.search("GET /v1/conversations/58228e05d4e96711004eccb7 200 3 ms attempt 1") is None


def test_the_guard_listens_to_this_very_test() -> None:
    assert logging.getLogger("kustomer_orm").isEnabledFor(logging.DEBUG)


def test_a_key_in_a_log_line_an_output_or_an_error_fails_the_test(tmp_path: Path) -> None:
    (tmp_path / "test_made_up.py").write_text(SUITE)
    (tmp_path / "conftest.py").write_text(CONFTEST)

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=line", "-rfE"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = ran.stdout

    assert "log of kustomer_orm.somewhere" in said
    assert "log of other" in said
    assert "an API key was seen in: Captured stdout call" in said
    assert "an API key was seen in: unexpected error" in said
    flagged = re.findall(r"^(?:FAILED|ERROR) test_made_up.py::(\w+)", said, re.MULTILINE)
    assert set(flagged) == {
        "test_logged",
        "test_logged_in_a_traceback",
        "test_printed",
        "test_raised",
    }


@pytest.mark.parametrize("times", [1, 2])
def test_one_test_does_not_answer_for_another(times: int) -> None:
    logging.getLogger("kustomer_orm").debug("the %d. quiet line", times)
