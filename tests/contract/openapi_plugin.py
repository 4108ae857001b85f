"""The pytest side of the contract check: each test answers for the exchanges that it made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kustomer_orm.emulator import Emulator, Exchange
from tests.contract.openapi_check import Judge

_OUTPUT = "openapi_rows_used"


class ContractPlugin:
    """Collects what every emulator exchanges, and has it judged at the end of each test."""

    def __init__(self, contract: Path) -> None:
        self._judge = Judge(contract.read_text("utf-8"))
        self._new: list[Exchange] = []
        self._used_by_workers: set[str] = set()
        self._unused: list[str] = []

    def pytest_configure(self) -> None:
        """Watch every emulator from now on."""
        Emulator.observers.append(self._new.append)

    def pytest_unconfigure(self) -> None:
        """Watch no longer."""
        Emulator.observers.remove(self._new.append)

    @pytest.fixture(autouse=True)
    def exchanges_keep_the_contract(self) -> Iterator[None]:
        """Fail the test whose requests and answers are not those of the contract."""
        yield
        made, self._new[:] = list(self._new), []
        found = [problem for exchange in made for problem in self._judge.problems(exchange)]
        if found:
            lines = "\n  ".join(dict.fromkeys(found))
            pytest.fail(f"not as the published contract says:\n  {lines}", pytrace=False)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker of pytest-xdist has met."""
        self._used_by_workers.update(getattr(node, "workeroutput", {}).get(_OUTPUT, ()))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """After a full run, refuse rows of the table that nothing needed."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = sorted(self._judge.used)
        elif _is_full(session):
            self._unused = self._judge.unused(self._used_by_workers)
            if self._unused and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name the rows that nothing needed."""
        if self._unused:
            terminalreporter.section("known faults of the contract that no exchange needed")
            for name in self._unused:
                terminalreporter.line(name)


def _is_full(session: pytest.Session) -> bool:
    """Tell whether the whole suite was asked for, and ran to its end."""
    config = session.config
    chosen = config.getoption("keyword") or config.getoption("markexpr")
    chosen = chosen or config.getoption("deselect") or config.getoption("collectonly")
    chosen = chosen or config.getoption("ignore") or config.getoption("ignore_glob")
    again = config.getoption("lf", default=False) or config.getoption("ff", default=False)
    whole = config.args_source is not pytest.Config.ArgsSource.ARGS
    return whole and not chosen and not again and not session.shouldstop and not session.shouldfail
