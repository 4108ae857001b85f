"""`kustomer-orm set`: what would be sent, or what a save has done."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console

from kustomer_orm import Change, Plan, Record, SaveResult
from kustomer_orm.cli import showing


def run(screen: Console, record: Record, *, only_plan: bool, as_json: bool) -> None:
    """Save the record, or only plan it, and tell what came of it."""
    changes = record.changes
    plan = record.plan()
    result = None if only_plan else record.save()
    if as_json:
        found = _document(record, changes, plan, result)
        click.echo(showing.as_json(found, indent=2))
        return
    if not plan:
        screen.print("Nothing to save: no request was made but the GET that loaded the record.")
        return
    if result is None:
        screen.print("Only planned: nothing was sent but the GET that loaded the record.")
    else:
        screen.print(f"Saved. Revision {result.rev if result.confirmed else 'unknown'}.")
    screen.print(showing.changes(changes))
    for request in plan.requests:
        screen.print(showing.request(request.method, request.path, request.body))
    if result is not None:
        _tell(screen, result)


def _tell(screen: Console, result: SaveResult) -> None:
    """Tell what the user could not know beforehand."""
    screen.print()
    if not result.confirmed:
        screen.print("The answer was cut short: it was saved, and how it was stored is not known.")
    if result.adjusted:
        screen.print("The server stored otherwise than it was sent:")
        rows = [(name, each.sent, each.stored) for name, each in result.adjusted.items()]
        screen.print(showing.table(("attribute", "sent", "stored"), rows))
    if result.others_wrote:
        screen.print("Somebody else wrote since the record was loaded; a newer value of theirs of")
        screen.print("the attributes above may have been overwritten.")
        if result.foreign:
            screen.print("Of the other attributes, these moved:")
            screen.print(showing.changes(result.foreign))
    elif result.others_wrote is None:
        screen.print("Whether somebody else wrote meanwhile cannot be told.")
    else:
        screen.print("Nobody else wrote meanwhile.")


def _document(
    record: Record, changes: dict[str, Change], plan: Plan, result: SaveResult | None
) -> dict[str, Any]:
    """Give all of it for a program to read."""
    found: dict[str, Any] = {
        "type": record.type,
        "id": record.id,
        "saved": bool(result),
        "requests": [
            {"method": each.method, "path": each.path, "body": each.body} for each in plan.requests
        ],
        "changes": {name: change._asdict() for name, change in changes.items()},
    }
    if result is not None:
        found["rev"] = result.rev
        found["confirmed"] = result.confirmed
        found["others_wrote"] = result.others_wrote
        found["adjusted"] = {name: each._asdict() for name, each in result.adjusted.items()}
        found["foreign"] = {name: each._asdict() for name, each in result.foreign.items()}
    return found
