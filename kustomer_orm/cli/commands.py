"""The commands and their options."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click

from kustomer_orm import Client, Conversation, Customer, Record, User
from kustomer_orm.cli import demo as demonstration
from kustomer_orm.cli import doctor as diagnosis
from kustomer_orm.cli import (
    emulating,
    exporting,
    kinds,
    models,
    reading,
    saving,
    tables,
    updating,
    values,
)
from kustomer_orm.cli.failing import BadInputError, Guarded
from kustomer_orm.cli.showing import screen

# After "\b", click keeps lines as they are.
_EXAMPLE = """\b
Example:
  kustomer-orm set conversation 58228e05d4e96711004eccb7 \\
      name="Refund for order 1234" custom.refundNum=12.5 tags+=refund
"""

TYPES: dict[str, type[Record]] = {cls.type: cls for cls in (Conversation, Customer, User)}


@click.group(cls=Guarded, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--org", help="The organisation's name; else KUSTOMER_ORG.")
@click.option("--base-url", help="Another host, or an emulator's address; else KUSTOMER_BASE_URL.")
@click.option("-v", "--verbose", is_flag=True, help="Log each request to the error stream.")
@click.version_option(package_name="kustomer_orm", message="kustomer-orm %(version)s")
@click.pass_context
def command_line(
    context: click.Context, *, org: str | None, base_url: str | None, verbose: bool
) -> None:
    """Look at Kustomer's records, change them, and try it all without an account.

    The API key is taken from KUSTOMER_API_KEY and from nowhere else: an option would show it to
    the shell's history and to everybody who lists processes.
    """
    context.obj = partial(_client_of_environment, org=org, base_url=base_url)
    context.with_resource(_log_lines(verbose=verbose))


@command_line.command()
def demo() -> None:
    """Load, change and save a conversation of an emulator, and show what crossed the wire."""
    demonstration.run(screen())


@command_line.command()
@click.argument("type", type=click.Choice(list(TYPES)))
@click.argument("id", required=False)
@click.option("--external-id", metavar="VALUE", help="Look it up by its external id instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
def get(
    context: click.Context, *, type: str, id: str | None, external_id: str | None, as_json: bool
) -> None:
    """Show a record: its attributes, relations as ids, custom attributes by key."""
    _check_place(TYPES[type], id, external_id)
    with _client(context) as client:
        record = _load(client, TYPES[type], id, external_id)
        reading.show(screen(), record, as_json=as_json)


@command_line.command("set", epilog=_EXAMPLE)
@click.argument("type", type=click.Choice(list(TYPES)))
@click.argument("words", nargs=-1, required=True, metavar="[ID] NAME=VALUE...")
@click.option("--external-id", metavar="VALUE", help="Look it up by its external id instead.")
@click.option("--plan", "only_plan", is_flag=True, help="Show the requests without sending them.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.pass_context
def set_(
    context: click.Context,
    *,
    type: str,
    words: tuple[str, ...],
    external_id: str | None,
    only_plan: bool,
    as_json: bool,
) -> None:
    """Load a record, change it, and save what is different.

    Names are those of the library (assigned_users), custom attributes are custom.KEY. A value is
    read by the kind of its attribute: text as it is, numbers and true or false, instants as
    2026-01-31T17:00:00Z, lists and objects as JSON. null clears. On lists, += adds an item and -=
    takes one away.
    """
    id_, rest = (words[0], words[1:]) if external_id is None else (None, words)
    _check_place(TYPES[type], id_, external_id)
    assignments = values.read(rest)
    if not assignments:
        raise BadInputError("nothing to set: write name=value after the id")
    with _client(context) as client:
        record = _load(client, TYPES[type], id_, external_id)
        values.apply(record, assignments)
        saving.run(screen(), record, only_plan=only_plan, as_json=as_json)


@command_line.command()
@click.option(
    "--check-rev",
    metavar="CONVERSATION_ID",
    help="Find out what the server does with a stale revision: writes to that conversation.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
def doctor(context: click.Context, *, check_rev: str | None, as_json: bool) -> None:
    """Check key, region, organisation, clock, budget and roles, with two requests.

    With --check-rev it writes to that conversation, six to thirteen requests, and leaves every
    value as it was: take one that nobody works on. Ends with 1 where something failed.
    """
    with _client(context) as client:
        context.exit(diagnosis.run(screen(), client, check_rev=check_rev, as_json=as_json))


@command_line.command()
@click.argument("kind")
@click.option("--where", multiple=True, metavar="CRITERION", help="status=open, name~words; again.")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl")
@click.option("--fields", default="", metavar="NAMES", help="id,name,custom.KEY; all for jsonl.")
@click.option("--output", type=click.Path(path_type=Path), help="A file, instead of printing.")
@click.pass_context
def export(
    context: click.Context,
    *,
    kind: str,
    where: tuple[str, ...],
    form: str,
    fields: str,
    output: Path | None,
) -> None:
    """Write all records of KIND (conversations, kobjects/order), a page at a time.

    Tags may be named, tags~refund, and are searched by their ids; that is one request more per
    100 tags. An export to a file that was cut off goes on where it was when it is started again.
    """
    cls = kinds.kind_of(kind)
    names = [name for name in fields.split(",") if name]
    with _client(context) as client:
        exporting.run(client, cls, where, exporting.Format(form, names, cls), output)


@command_line.command()
@click.argument("kind")
@click.option(
    "--from",
    "table",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV: the column id, and one for each attribute that is to change.",
)
@click.option(
    "--plan", "only_plan", is_flag=True, help="Show what would be saved, and save nothing."
)
@click.option("--failures", type=click.Path(path_type=Path), help="Writes a CSV of what failed.")
@click.pass_context
def update(
    context: click.Context, *, kind: str, table: Path, only_plan: bool, failures: Path | None
) -> None:
    """Save the changes of a table in bulk. An empty cell changes nothing, null clears.

    The table is UTF-8, and has each id once; all of it is looked at before anything is sent. What
    is as the table wants it is not sent, so a second run sends what is missing. Ends with 1 where
    something failed.
    """
    cls = kinds.kind_of(kind)
    if failures is not None and failures.exists() and failures.samefile(table):
        raise BadInputError("--failures would be written over the table: name another file")
    with _client(context) as client, tables.opened(cls, table) as changes:
        status = updating.run(screen(), client, cls, changes, failures, only_plan=only_plan)
        context.exit(status)


@command_line.group("models")
def models_() -> None:
    """Declare the organisation's custom attributes, and see when they have changed."""


_ONLY = click.option(
    "--only", multiple=True, metavar="TYPE", help="Only this type; again for another one."
)


@models_.command("generate")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@_ONLY
@click.option(
    "--default/--no-default",
    default=True,
    help="Whether the classes are used wherever a record of their type arrives.",
)
@click.option("--force", is_flag=True, help="Write over a file that was written by hand.")
@click.pass_context
def generate(
    context: click.Context,
    *,
    file: Path | None,
    only: tuple[str, ...],
    default: bool,
    force: bool,
) -> None:
    """Write a module of typed declarations from the organisation's metadata and klasses.

    To FILE; to the standard output without it, or where it is -. One request for each type, and
    one for 100 klasses.
    """
    output = None if file == Path("-") else file
    with _client(context) as client:
        models.generate(client, only, output, default=default, force=force)


@models_.command("check")
@click.argument("module")
@_ONLY
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.pass_context
def check(context: click.Context, *, module: str, only: tuple[str, ...], as_json: bool) -> None:
    """Compare the declarations of MODULE, a file or a dotted name, with the organisation.

    Imports it. Ends with 1 where they differ, and with 2 where it cannot be imported.
    """
    with _client(context) as client:
        context.exit(models.check(screen(), client, module, only, as_json=as_json))


@command_line.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="0, the default: any free.")
@click.option("--seed/--no-seed", default=True, help="With the demo's records, or empty.")
@click.pass_context
def emulate(context: click.Context, *, host: str, port: int, seed: bool) -> None:
    """Run the emulator of the API until Ctrl-C; with -v before the command, log its requests."""
    verbose = context.find_root().params["verbose"]
    emulating.serve(host, port, seed=seed, log_requests=verbose)


@contextlib.contextmanager
def _log_lines(*, verbose: bool) -> Iterator[None]:
    """Print the library's log lines, or nothing: what matters of them is printed anyway."""
    logger = logging.getLogger("kustomer_orm")
    handler = logging.StreamHandler() if verbose else logging.NullHandler()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO if verbose else level)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def _client(context: click.Context) -> Client:
    """Make the client by what the group has put there: a web framework's has one of its own."""
    make: Callable[[], Client] = context.obj
    return make()


def _client_of_environment(*, org: str | None, base_url: str | None) -> Client:
    missing: list[str] = []
    if not os.environ.get("KUSTOMER_API_KEY"):
        missing.append("no API key: set KUSTOMER_API_KEY (there is no option for it)")
    places = (org, base_url, *map(os.environ.get, ("KUSTOMER_ORG", "KUSTOMER_BASE_URL")))
    if not any(places):
        missing.append(
            "no organisation: give --org or --base-url, or set KUSTOMER_ORG or KUSTOMER_BASE_URL"
        )
    if missing:
        raise BadInputError(*missing)
    return Client.from_env(org=org, base_url=base_url)


def _check_place(cls: type[Record], id_: str | None, external_id: str | None) -> None:
    if (id_ is None) == (external_id is None):
        raise BadInputError("give the record's id, or --external-id VALUE")
    if external_id is not None and "external_id" not in cls.look_ups:
        raise BadInputError(f"a {cls.type} cannot be looked up by an external id")


def _load(client: Client, cls: type[Record], id_: str | None, external_id: str | None) -> Record:
    bound = cls.using(client)
    return (
        bound.get_by(external_id=external_id) if external_id is not None else bound.get(id_ or "")
    )
