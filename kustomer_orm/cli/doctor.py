"""`kustomer-orm doctor`: what is wrong with key, settings and server, and what to do about it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kustomer_orm import Client, Clock, Conversation
from kustomer_orm.cli import checkup, revisions, roles, showing, verdicts
from kustomer_orm.cli.asking import Line
from kustomer_orm.cli.findings import Check, Verdict

_STYLES = {
    Verdict.OK: "green",
    Verdict.WARN: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.UNKNOWN: "magenta",
}
# Words of so many letters are no key and no piece of one, and a report is lost without them.
_SHORT = 4
_PIECE = 15


def run(
    screen: Console,
    client: Client,
    *,
    check_rev: str | None,
    as_json: bool,
    clock: Clock | None = None,
) -> int:
    """Examine, print, and give the exit status: 1 where something failed.

    Raises:
        InvalidValueError: `check_rev` is no id.
    """
    if check_rev is not None:
        Conversation(id=check_rev)  # refuses what is no id, before anything is sent
    found: revisions.Findings | None = None
    with contextlib.closing(Line.of(client, clock or Clock())) as line:
        checks = checkup.look(line)
        if check_rev is not None:
            found = _revisions(line, check_rev, checks)
            checks += verdicts.checks(found, client.config.conflict)
    hide = _hiding(client.config.api_key.reveal())
    checks = [replace(each, seen=hide(each.seen), advice=hide(each.advice)) for each in checks]
    if as_json:
        facts = None if found is None else hide(verdicts.facts(found))
        click.echo(
            showing.as_json(_document(hide(client.config.base_url), checks, facts), indent=2)
        )
    else:
        _print(screen, roles.merged(checks))
    return int(any(check.failed for check in checks))


def _revisions(line: Line, id_: str, checks: list[Check]) -> revisions.Findings:
    accepted = any(each.name == "key" and each.verdict is Verdict.OK for each in checks)
    if not accepted:
        return revisions.Findings(problem="not looked at: the key was not accepted")
    return revisions.examine(line, id_, lambda words: click.echo(words, err=True))


def _hiding(key: str) -> Callable[[Any], Any]:
    """Give what leaves the key out of JSON: a server may echo it anywhere."""
    pieces = [piece for piece in key.split(".") if len(piece) > _PIECE]
    secrets = [key, *sorted(pieces, key=len, reverse=True)] if len(key) > _SHORT else pieces
    secret = re.compile("|".join(map(re.escape, secrets)) or "(?!)", re.IGNORECASE)

    def hide(value: Any) -> Any:
        if isinstance(value, str):
            return secret.sub("…", value)
        if isinstance(value, list):
            return [hide(item) for item in value]
        return {k: hide(v) for k, v in value.items()} if isinstance(value, dict) else value

    return hide


def _print(screen: Console, checks: list[Check]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("check", overflow="fold")
    table.add_column("", no_wrap=True)
    table.add_column("seen", overflow="fold")
    table.add_column("what to do", overflow="fold")
    for check in checks:
        table.add_row(
            Text(check.name, "bold"),
            Text(check.verdict, _STYLES[check.verdict]),
            Text(showing.printable(check.seen)),
            Text(showing.printable(check.advice)),
        )
    screen.print(table)


def _document(base_url: str, checks: list[Check], facts: dict[str, Any] | None) -> dict[str, Any]:
    """Give all of it for a program to read."""
    document: dict[str, Any] = {
        "ok": not any(check.failed for check in checks),
        "base_url": base_url,
        "checks": [
            {
                "check": check.name,
                "verdict": check.verdict,
                "seen": check.seen,
                "advice": check.advice,
            }
            for check in checks
        ],
    }
    if facts is not None:
        document["revisions"] = facts
    return document
