"""`kustomer-orm get`: a record as a table or as JSON."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console
from rich.text import Text

from kustomer_orm import Record
from kustomer_orm.cli import showing


def show(screen: Console, record: Record, *, as_json: bool) -> None:
    """Print the attributes that the server sent."""
    values = record.to_dict()
    if as_json:
        click.echo(showing.as_json(values, indent=2))
        return
    custom: dict[str, Any] = values.pop("custom", {})
    rows = [*values.items(), *((f"custom.{key}", value) for key, value in custom.items())]
    screen.print(Text(f"{record.type} {record.id}, revision {record.rev}", "bold"))
    screen.print(showing.table(("attribute", "value"), rows))
