"""Time imports: each in a fresh interpreter, taking turns.

The clock runs inside the interpreter, around the import alone, so that Python's own start is not
in the figure. One uncounted turn writes everybody's byte code, into a folder of the run's own: an
installed package has its byte code and a source tree may not, which would time the compiler.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_ROOT: Final = Path(__file__).parents[3]
_PROGRAM: Final = """
import sys, time
{before}
start = time.perf_counter()
import {modules}
print(time.perf_counter() - start)
"""
_HIDE_ORJSON: Final = "sys.modules['orjson'] = None"


def time_imports(
    modules: Mapping[str, str], *, without_orjson: frozenset[str], turns: int
) -> dict[str, list[float]]:
    """Give the seconds that importing takes, by name, one figure a turn."""
    programs = {
        name: _PROGRAM.format(modules=names, before=_HIDE_ORJSON * (name in without_orjson))
        for name, names in modules.items()
    }
    samples: dict[str, list[float]] = {name: [] for name in programs}
    with TemporaryDirectory() as byte_code:
        for turn in range(turns + 1):
            for name, program in programs.items():
                seconds = _run(program, byte_code)
                if turn:
                    samples[name].append(seconds)
    return samples


def _run(program: str, byte_code: str) -> float:
    settings = {**os.environ, "PYTHONPYCACHEPREFIX": byte_code, "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=_ROOT,
        env=settings,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(done.stdout)
