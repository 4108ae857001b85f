"""The commands of `flask kustomer`: those of `kustomer-orm`, with a client of the app."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import click
from flask.cli import ScriptInfo

from kustomer_orm.cli.commands import doctor, models_
from kustomer_orm.cli.failing import guarded
from kustomer_orm.contrib.flask.state import state_of

COMMANDS: Mapping[str, click.Command] = {"doctor": doctor, "models": models_}


@contextlib.contextmanager
def ready(context: click.Context, bind: str) -> Iterator[None]:
    """Give the commands below a client; what the library raises ends them with a line."""
    app = context.ensure_object(ScriptInfo).load_app()
    with guarded():
        client = state_of(app).clients[bind]
        context.obj = lambda: client
        yield
