"""`manage.py kustomer_doctor [alias]`: what is wrong with key, settings and server."""

from __future__ import annotations

from typing import Any

from kustomer_orm.client import Client
from kustomer_orm.contrib.django.commanding import KustomerCommand, part


class Command(KustomerCommand):
    """Check key, region, organisation, clock, budget and roles, with two requests."""

    help = "Check key, region, organisation, clock, budget and roles of an alias, by two requests."

    def add_arguments(self, parser: Any) -> None:
        """Say what the command takes."""
        self.add_alias(parser)
        parser.add_argument(
            "--check-rev",
            metavar="CONVERSATION_ID",
            help="Find out what the server does with a stale revision: writes to it.",
        )
        parser.add_argument("--json", action="store_true", help="Print JSON instead of a table.")

    def run_command(self, client: Client, options: Any) -> int:
        """Examine, and print."""
        screen, check_rev = part("showing").screen(), options["check_rev"]
        status: int = part("doctor").run(
            screen, client, check_rev=check_rev, as_json=options["json"]
        )
        return status
