"""`kustomer-orm models`: the organisation's declarations as a module, and how far it drifted."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import click
from rich.console import Console
from rich.text import Text

from kustomer_orm import Client, Record
from kustomer_orm.cli import showing
from kustomer_orm.cli.failing import BadInputError
from kustomer_orm.codegen import Drift, drifts_between, is_checked, source_of
from kustomer_orm.reflection import STANDARD, Model, read_models

_MARK = "Written by `kustomer-orm models generate`"


def generate(
    client: Client, only: Sequence[str], output: Path | None, *, default: bool, force: bool
) -> None:
    """Write the module to a file, or print it."""
    if output is not None and not force:
        _refuse_handwork(output)
    models = _read(client, only)
    text = source_of(models, client.org, default=default)
    if output is None:
        click.echo(text, nl=False)
        return
    same = output.is_file() and output.read_text("utf-8") == text
    if not same:
        _put(output, text)
    kinds = [one.kind for model in models for one in model.properties]
    declared = sum(map(bool, kinds))
    left = f", {len(kinds) - declared} left out (see its comments)" if declared < len(kinds) else ""
    state = "unchanged" if same else "written"
    click.echo(f"{output}: {state}; {declared} custom attributes{left}", err=True)


def check(
    screen: Console, client: Client, place: str, only: Sequence[str], *, as_json: bool
) -> int:
    """Compare a module with the organisation; 1 where they differ."""
    classes = [cls for cls in _classes_in(_loaded(place)) if not only or cls.type in only]
    drifts = drifts_between(_read(client, only), classes)
    if as_json:
        click.echo(showing.as_json([drift._asdict() for drift in drifts], indent=2))
    elif drifts:
        for line in _lines(drifts):
            screen.print(line, soft_wrap=True)
    else:
        screen.print(f"{place} and the organisation {client.org} agree.", soft_wrap=True)
    return 1 if drifts else 0


def _read(client: Client, only: Sequence[str]) -> list[Model]:
    models = read_models(client, only)
    unknown = sorted(set(only) - {model.type for model in models})
    if unknown:
        known = ", ".join((*STANDARD, "kobject.KLASS"))
        raise BadInputError(*(f"no type {name!r}: it is one of {known}" for name in unknown))
    return models


def _refuse_handwork(output: Path) -> None:
    """Refuse to write over what somebody has written by hand."""
    if output.is_dir():
        raise BadInputError(f"{output} is a folder: name a file in it")
    if output.is_file() and _MARK not in output.read_text("utf-8", errors="replace")[:1000]:
        raise BadInputError(f"{output} was not written by this command: --force writes over it")


def _put(output: Path, text: str) -> None:
    """Write the whole file or nothing of it."""
    try:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as draft:
            draft.write(text)
        mode = output.stat().st_mode if output.exists() else 0o644
        Path(name).chmod(mode & 0o777)
        Path(name).replace(output)
    except OSError as error:
        raise BadInputError(f"{output}: {error.strerror or error}") from None


def _loaded(place: str) -> ModuleType:
    """Import a module by the path of its file, or by its dotted name."""
    if not place.endswith(".py"):
        sys.path.insert(0, str(Path.cwd()))
        try:
            return importlib.import_module(place)
        except Exception as error:  # whatever it does while it is imported
            raise _unimportable(place, error) from error
    path = Path(place)
    if not path.is_file():
        raise BadInputError(f"{place}: there is no such file")
    name = f"kustomer_models_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BadInputError(f"{place} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where `inspect` looks for the source of a class
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever it does while it is imported
        del sys.modules[name]
        raise _unimportable(place, error) from error
    return module


def _unimportable(place: str, error: Exception) -> BadInputError:
    if isinstance(error, SyntaxError):
        return BadInputError(f"{error.filename or place}, line {error.lineno}: {error.msg}")
    what = f"{type(error).__name__}: {error}"
    own = [each for each in traceback.extract_tb(error.__traceback__) if place in each.filename]
    where = f", line {own[-1].lineno}" if own else ""
    return BadInputError(f"{place}{where} cannot be imported: {what}")


def _classes_in(module: ModuleType) -> Iterator[type[Record]]:
    """List the record classes that a module defines, of the types that metadata speaks of."""
    for value in vars(module).values():
        own = isinstance(value, type) and value.__module__ == module.__name__
        if own and issubclass(value, Record) and is_checked(value):
            yield value


def _lines(drifts: Sequence[Drift]) -> Iterator[Text]:
    type_name = ""
    width = max(len(drift.key) for drift in drifts)
    colours = {"+": "green", "-": "red", "~": "yellow"}
    for drift in sorted(drifts, key=lambda drift: drift.type):
        if drift.type != type_name:
            type_name = drift.type
            yield Text(showing.printable(type_name), "bold")
        key = showing.printable(drift.key).ljust(width)
        yield Text.assemble(
            "  ", (drift.sign, colours[drift.sign]), " ", key, "  ", showing.printable(drift.what)
        )
    many = "differences" if len(drifts) > 1 else "difference"
    yield Text(f"{len(drifts)} {many}; + is only in the organisation, - only in the code")
