"""Measure our records beside json.loads and five other libraries, and print the table.

Run it as a script, with the ``benchmarks`` extra installed; it takes about four minutes::

    python tests/benchmarks/run.py                      the whole: 20,000 conversations, 5 rounds
    python tests/benchmarks/run.py --quick              a look: 1,000 conversations
    python tests/benchmarks/run.py --json figures.json  the figures too
    python tests/benchmarks/run.py --check              exit status 1 if a budget is missed

All figures are ratios measured in one run; how, is said in ``speed/stopwatch.py`` (time),
``speed/memory.py`` (bytes) and ``speed/imports.py``. No request is made.

The files here are called ``bench_*.py``, which pytest's default pattern does not match, so the
ordinary test run passes them by. Named, they run::

    pytest tests/benchmarks/bench_contenders.py   does every contender do the same work, rightly?
    pytest tests/benchmarks/bench_steps.py        one step at a time, for pytest-benchmark to
                                                  --benchmark-save and --benchmark-compare
"""

import json
import platform
import sys
from argparse import ArgumentParser, Namespace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from speed.budgets import verdicts
from speed.contest import Size, ours, peers, run
from speed.figures import Figures
from speed.table import show

PACKAGES: Final = (
    "requests", "marshmallow", "cachetools", "orjson", "pyairtable", "python-gitlab", "stripe",
    "mongoengine",
)  # fmt: skip
QUICK: Final = Size(conversations=1_000, weighed=1_000, import_turns=3)


def main() -> int:
    """Measure, print, and say by the exit status whether the budgets were kept."""
    arguments = _arguments()
    figures = run([*ours(), *peers()], _size(arguments))
    answers = verdicts(figures)
    show(figures, answers)
    if arguments.json is not None:
        arguments.json.write_text(_as_json(figures, [str(answer) for answer in answers]))
    return int(arguments.check and not all(answer.met for answer in answers))


def _arguments() -> Namespace:
    parser = ArgumentParser(description="Measure kustomer_orm beside other libraries.")
    parser.add_argument("--quick", action="store_true", help="measure 1,000 conversations only")
    parser.add_argument("--conversations", type=int, help="how many to read in each round")
    parser.add_argument("--rounds", type=int, help="how many rounds, 5 or more")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--check", action="store_true", help="fail if a budget is missed")
    return parser.parse_args()


def _size(arguments: Namespace) -> Size:
    size = QUICK if arguments.quick else Size()
    return Size(
        conversations=arguments.conversations or size.conversations,
        rounds=arguments.rounds or size.rounds,
        weighed=size.weighed,
        import_turns=size.import_turns,
    )


def _as_json(figures: Figures, budgets: list[str]) -> str:
    machine = {"python": platform.python_version(), "platform": platform.platform()}
    document = {**machine, "packages": _versions(), **figures.to_dict(), "budgets": budgets}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _versions() -> dict[str, str]:
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return versions


if __name__ == "__main__":
    sys.exit(main())
