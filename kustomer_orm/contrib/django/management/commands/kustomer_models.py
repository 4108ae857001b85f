"""`manage.py kustomer_models generate|check [alias]`: the organisation's attributes as classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kustomer_orm.client import Client
from kustomer_orm.contrib.django.commanding import KustomerCommand, part


class Command(KustomerCommand):
    """Declare the organisation's custom attributes, and see when they have changed."""

    help = "Declare the organisation's custom attributes, and see when they have changed."

    def add_arguments(self, parser: Any) -> None:
        """Say what the command takes."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="generate|check")
        generate = verbs.add_parser("generate", help="Write a module of typed declarations.")
        self.add_alias(generate)
        generate.add_argument("--output", type=Path, help="A file, instead of printing.")
        generate.add_argument(
            "--no-default",
            dest="default",
            action="store_false",
            help="Do not use the classes wherever a record of their type arrives.",
        )
        generate.add_argument(
            "--force", action="store_true", help="Write over a file that was written by hand."
        )
        check = verbs.add_parser("check", help="Compare a module with the organisation.")
        self.add_alias(check)
        check.add_argument("--module", required=True, help="A file, or a dotted name.")
        check.add_argument("--json", action="store_true", help="Print JSON instead of lines.")
        for each in (generate, check):
            each.add_argument(
                "--only", action="append", default=[], metavar="TYPE", help="Only this type; again."
            )

    def run_command(self, client: Client, options: Any) -> int:
        """Write, or compare; 1 where they differ."""
        models, only = part("models"), options["only"]
        if options["verb"] == "check":
            screen, module = part("showing").screen(), options["module"]
            status: int = models.check(screen, client, module, only, as_json=options["json"])
            return status
        default, force = options["default"], options["force"]
        models.generate(client, only, options["output"], default=default, force=force)
        return 0
