"""How things look: tables, requests and JSON, on a terminal and in a pipe.

What the API holds may be written by anybody, so nothing of it is taken as markup, and what could
steer a terminal is shown escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.json import JSON
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from kustomer_orm import Change, Masked, Record

WIDEST = 100

_SHORT = 60  # bodies up to this length stay on one line
_INSET = (0, 0, 0, 2)


def screen() -> Console:
    """Give the standard output; colours, width and `NO_COLOR` are rich's business."""
    return Console(highlight=False, width=min(Console().width, WIDEST))


def printable(text: str) -> str:
    r"""Escape what is neither seen nor a line's end, as JSON does.

    >>> printable("\x1b[31mred")
    '\\u001b[31mred'
    """
    return "".join(
        sign if sign.isprintable() or sign == "\n" else json.dumps(sign)[1:-1] for sign in text
    )


def as_json(value: Any, *, indent: int | None = None) -> str:
    """Give values of records as JSON: instants as ISO text, records as their ids."""
    return printable(json.dumps(value, default=_plain, ensure_ascii=False, indent=indent))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Masked):
        return {"isMasked": True, "maskedPresentation": value.presentation}
    return value.id if isinstance(value, Record) else str(value)


def shown(value: Any) -> Text:
    """Give a value for people: text as it is, instants and ids bare, anything else as JSON."""
    if value is None:
        return Text("null", "dim")
    if isinstance(value, Masked):
        return Text("(masked)", "dim")
    if isinstance(value, str) and value:
        return Text(printable(value))
    if isinstance(value, datetime):
        return Text(value.isoformat())
    if isinstance(value, Record):
        return Text(printable(str(value.id)))
    return Text(as_json(value))


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """Give a table; the first column holds names, the others values."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for column in columns:
        made.add_column(column, overflow="fold")
    for name, *values in rows:
        made.add_row(Text(printable(name), "bold"), *map(shown, values))
    return made


def changes(
    found: Mapping[str, Change], columns: Sequence[str] = ("attribute", "before", "after")
) -> Table:
    """Give changes by name as a table."""
    return table(columns, [(name, change.old, change.new) for name, change in found.items()])


def request(method: str, path: str, body: Any) -> RenderableType:
    """Give one request: its line, and its body below it."""
    line = Text.assemble((method, "bold cyan"), " ", printable(path))
    if body is None:
        return line
    compact = as_json(body)
    indent = None if len(compact) <= _SHORT else 2
    shown_body = JSON(compact, indent=indent, ensure_ascii=False)
    return Group(line, Padding(shown_body, _INSET, expand=False))


def python(code: str) -> Text:
    """Give Python code in colours, as typed at Python's prompt."""
    lines = code.strip("\n").splitlines()
    typed = "\n".join(f"{'>>>' if line[:1].strip() else '...'} {line}" for line in lines)
    return Syntax("", "pycon", theme="ansi_dark").highlight(typed)[:-1]
