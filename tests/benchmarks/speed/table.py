"""Print a run as a table of ratios, with rich where it is installed and as plain text elsewhere."""

import sys
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Final

from speed.budgets import (
    EDITED_BYTES,
    HYDRATE_IN_LOADS,
    IMPORT_RATIO,
    IN_LOADS,
    OURS,
    OURS_WITH_ORJSON,
    UNTOUCHED_BYTES,
    Verdict,
)
from speed.figures import REFERENCE, STEPS, Figures, Memory

_NONE: Final = "-"


def rows(figures: Figures) -> list[list[str]]:
    """Give the table's lines: a heading, the steps in loads, the bytes, the imports."""
    names = [REFERENCE, *figures.contenders]
    lines = [["in loads", *names, "budget"]]
    for step, title in STEPS.items():
        cells = [_number(figures.loads(name, step)) for name in names]
        lines.append([title, *cells, _budget(step)])
    if figures.memory:
        for title, limit, edited in (
            ("bytes above the parsed JSON", UNTOUCHED_BYTES, False),
            ("bytes, with two edits", EDITED_BYTES, True),
        ):
            cells = [_bytes(figures.memory.get(name), edited=edited) for name in names]
            lines.append([title, *cells, f"≤ {limit}"])
    if figures.imports:
        cells = [_number(figures.import_ratio(name)) for name in names]
        lines.append(["import, in imports of 3 deps.", *cells, f"≤ {IMPORT_RATIO}"])
    return lines


def show(figures: Figures, verdicts: list[Verdict]) -> None:
    """Print the table, what one load is, the budgets one by one and the remarks."""
    lines = rows(figures)
    if find_spec("rich") is None:
        _show_plainly(lines)
    else:
        _show_richly(lines)
    out = sys.stdout.write
    load = figures.nanoseconds(REFERENCE, "hydrate") or 0.0
    out(
        f"1 load = json.loads of the same record, {load / 1000:.1f} µs and "
        f"{figures.parsed:.0f} bytes parsed; {figures.conversations} conversations, "
        f"median of {figures.rounds} interleaved rounds.\n\nBudgets\n"
    )
    for verdict in verdicts:
        out(f"  {verdict}\n")
    out("\nRemarks\n")
    for remark in figures.remarks:
        out(f"  {remark}\n")


def _show_plainly(lines: list[list[str]]) -> None:
    widths = [_width(column) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


def _show_richly(lines: list[list[str]]) -> None:
    from rich.console import Console  # noqa: PLC0415  # not every installation has it
    from rich.table import Table  # noqa: PLC0415

    table = Table(*lines[0], title="The client's own work, beside json.loads of the same bytes")
    for column in table.columns[1:]:
        column.justify = "right"
    for line in lines[1:]:
        table.add_row(*line)
    width = sum(_width(column) + 3 for column in zip(*lines, strict=True)) + 1
    Console(width=width).print(table)


def _width(column: Iterable[str]) -> int:
    return max(map(len, column))


def _number(value: float | None) -> str:
    if value is None:
        return _NONE
    return f"{value:.0f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def _bytes(memory: Memory | None, *, edited: bool) -> str:
    if memory is None:
        return _NONE
    return f"{memory.edited if edited else memory.untouched:.0f}"


def _budget(step: str) -> str:
    if step == "hydrate":
        return f"≤ {HYDRATE_IN_LOADS[OURS]:.2f}, {HYDRATE_IN_LOADS[OURS_WITH_ORJSON]:.2f}"
    if step in {"delta", "delta_of_two"}:
        return f"≤ {IN_LOADS[step]:.2f}, see below"
    return f"≤ {IN_LOADS[step]:g}" if step in IN_LOADS else _NONE
