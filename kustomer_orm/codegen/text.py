"""Python source, laid out as black and `ruff format` lay it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

WIDTH = 88  # black's and ruff's own


def quoted(text: str) -> str:
    """Give a string literal: in double quotes, unless single ones need fewer escapes.

    >>> print(quoted('size'), quoted('5" pipe'), quoted("it's"))
    "size" '5" pipe' "it's"
    """
    inside = repr(f"'\"{text}")[3:-1]  # with both quotes in it, repr takes single ones
    inside = inside.removeprefix('"').replace("\\'", "'")
    if text.count('"') <= text.count("'"):
        return '"' + inside.replace('"', '\\"') + '"'
    return "'" + inside.replace("'", "\\'") + "'"


def documented(text: str, indent: int = 0) -> Iterator[str]:
    """Give the lines of a docstring; it ends in a full stop, whatever people wrote."""
    lines = [_plain(line) for line in text.strip().splitlines()]
    if lines[-1][-1:] not in {".", "!", "?"}:
        lines[-1] += "."
    space = " " if lines[0].startswith('"') else ""
    margin = " " * indent
    lines[0] = f'"""{space}{lines[0]}'
    if len(lines) == 1:
        yield f'{margin}{lines[0]}"""'
        return
    yield from (f"{margin}{line}".rstrip() for line in lines)
    yield f'{margin}"""'


def _plain(line: str) -> str:
    """Give a line as it may stand in a docstring or a comment."""
    safe = "".join(
        sign if sign.isprintable() else repr(sign)[1:-1] for sign in line.replace("\\", "\\\\")
    )
    return " ".join(safe.replace('"""', '\\"\\"\\"').split())


def calling(start: str, arguments: Sequence[str], end: str) -> Iterator[str]:
    """Give a call, or the head of a class: on one line, or an argument to a line."""
    line = f"{start}({', '.join(arguments)}){end}"
    if len(line) <= WIDTH:
        yield line
        return
    margin = " " * (len(start) - len(start.lstrip()))
    yield f"{start}("
    yield from (f"{margin}    {argument}," for argument in arguments)
    yield f"{margin}){end}"


def literal(start: str, items: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Give a subscription such as `Size: TypeAlias = Literal["S", "M"]`.

    Args:
        start: what comes before the bracket.
        items: each item, and what is remarked about it.
    """
    line = f"{start}[{', '.join(item for item, _ in items)}]"
    if len(line) <= WIDTH and not any(remark for _, remark in items):
        yield line
        return
    comma = "," if len(items) > 1 else ""
    yield f"{start}["
    for item, remark in items:
        yield f"    {item}{comma}" + (f"  # {_plain(remark)}" if remark else "")
    yield "]"
