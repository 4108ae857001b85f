"""The group `flask kustomer`, whose commands are imported when they are asked for.

They need the extra `cli`, and a web server needs none of it.
"""

from __future__ import annotations

import importlib
from typing import Any

import click

_COMMANDS = "kustomer_orm.contrib.flask.commands"
_NEEDED = frozenset(("jsonschema", "rich", "werkzeug"))


class LateGroup(click.Group):
    """`flask kustomer`: it has the commands, and a client of the app for them."""

    def __init__(self) -> None:
        super().__init__("kustomer", help="Look after Kustomer's settings and declarations.")
        self.params.append(
            click.Option(["--bind"], default="default", help="Which of KUSTOMER_BINDS.")
        )

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the commands."""
        return sorted(_commands().COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Give a command."""
        found: click.Command | None = _commands().COMMANDS.get(cmd_name)
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command with a client of the app."""
        with _commands().ready(ctx, ctx.params["bind"]):
            return super().invoke(ctx)


def _commands() -> Any:
    try:
        return importlib.import_module(_COMMANDS)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _NEEDED:
            raise
        raise click.ClickException(
            f"flask kustomer needs {missing}: pip install 'kustomer_orm[cli,flask]'"
        ) from None
