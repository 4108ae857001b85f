"""What the management commands share: those of `kustomer-orm`, with a client of the settings.

They need the extra `cli`; the rest of a project does not.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kustomer_orm.client import Client
from kustomer_orm.contrib.django.clients import clients
from kustomer_orm.contrib.django.options import DEFAULT


def part(name: str) -> Any:
    """Give a module of the command line.

    Raises:
        CommandError: the extra `cli` is not installed.
    """
    try:
        return importlib.import_module(f"kustomer_orm.cli.{name}")
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing.startswith("kustomer_orm"):
            raise
        advice = "pip install 'kustomer_orm[cli,django]'"
        raise CommandError(f"{missing} is missing: {advice}") from None


class KustomerCommand(BaseCommand):
    """A command of `kustomer-orm` in a project."""

    # The doctor is asked when something is wrong, and the checks would stop it.
    requires_system_checks = ()

    def add_alias(self, parser: Any) -> None:
        """Have the command take an alias of the setting KUSTOMER."""
        parser.add_argument("alias", nargs="?", default=DEFAULT, help="of the setting KUSTOMER")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the command; what the library raises ends it with a line for each problem."""
        printing: Any = contextlib.nullcontext()
        if options.get("stdout") is not None:
            printing = contextlib.redirect_stdout(options["stdout"])
        with printing, _failing_as_django_does():
            client = clients[options["alias"]]
            with client.as_current():
                status = self.run_command(client, options)
        if status:
            raise CommandError("see above for what is wrong", returncode=status)

    def run_command(self, client: Client, options: Any) -> int:
        """Do the work, and give the exit status."""
        raise NotImplementedError


@contextlib.contextmanager
def _failing_as_django_does() -> Iterator[None]:
    failing = part("failing")
    try:
        with failing.guarded():
            yield
    except failing.CommandError as error:
        raise CommandError(error.message, returncode=error.exit_code) from None
