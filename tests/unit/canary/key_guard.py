"""Watches the whole suite: no log line, output or error of any test shows an API key."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Generator, Iterator

import pytest

# The emulator's keys look like the real ones: a signed token of three parts, or a piece of it.
KEY = re.compile(r"\beyJ[\w-]{20,}")
WATCHED = "kustomer_orm"


class KeyGuard(logging.Handler):
    """A handler of every log line, and the hooks that fail the test which let a key out."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self._found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a line as any handler may write it, its arguments and its traceback too."""
        self.look_at(f"log of {record.name}", f"{self.format(record)} {record.args!r}")

    def look_at(self, where: str, words: str) -> None:
        """Remember where a key was seen; never the key."""
        if KEY.search(words):
            self._found.append(where)

    @pytest.fixture(autouse=True)
    def no_key_is_logged(self) -> Iterator[None]:
        """Listen to everything that the library logs, at its most talkative."""
        root, ours = logging.getLogger(), logging.getLogger(WATCHED)
        level = ours.level
        root.addHandler(self)
        ours.setLevel(logging.DEBUG)
        yield
        ours.setLevel(level)
        root.removeHandler(self)
        self._fail_if_found()

    def pytest_exception_interact(self, call: pytest.CallInfo[None]) -> None:
        """Look at an error that a test did not expect, with all that stands behind it."""
        if call.excinfo is not None:
            words = traceback.format_exception(call.excinfo.value)
            self.look_at("unexpected error", "".join(words))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self,
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Look at what a test printed."""
        report = yield
        for title, words in report.sections:
            if "std" in title and KEY.search(words):  # log lines are looked at as they come
                report.outcome = "failed"
                report.longrepr = f"an API key was seen in: {title}"
        return report

    def _fail_if_found(self) -> None:
        found, self._found = self._found, []
        if found:
            pytest.fail(f"an API key was seen in: {', '.join(found)}", pytrace=False)
