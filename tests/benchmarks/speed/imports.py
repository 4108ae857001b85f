"""Time imports: each in a fresh interpreter, taking turns, the median counts.

The clock runs inside the interpreter, around the import alone, so that Python's own start is not
in the figure. One uncounted turn writes the byte code and warms the disk cache.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
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
) -> dict[str, float]:
    """Give the seconds of each named import statement's modules, median of so many turns."""
    programs = {
        name: _PROGRAM.format(modules=names, before=_HIDE_ORJSON * (name in without_orjson))
        for name, names in modules.items()
    }
    samples: dict[str, list[float]] = {name: [] for name in programs}
    for turn in range(turns + 1):
        for name, program in programs.items():
            seconds = _run(program)
            if turn:
                samples[name].append(seconds)
    return {name: median(values) for name, values in samples.items()}


def _run(program: str) -> float:
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
    return float(done.stdout)
