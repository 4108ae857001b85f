"""`KustomerTestCase`: a project's tests on an emulator. It needs the extra `emulator`."""

from __future__ import annotations

import contextlib
import unittest
from collections.abc import Callable, Iterator
from typing import Any

from django.test import override_settings

from kustomer_orm.contrib.django.clients import clients
from kustomer_orm.contrib.django.options import DEFAULT, configured
from kustomer_orm.emulator import Emulator


class KustomerTestCase(unittest.TestCase):
    """A mixin for Django's test cases: every client of the settings talks to an emulator.

    Put it first: `class TicketTests(KustomerTestCase, TestCase)`. Each test gets empty emulators,
    one for each alias, on loopback, and the setting KUSTOMER points to them; whatever else stands
    there counts, but a Redis for the budget. It works with TestCase, TransactionTestCase and
    LiveServerTestCase, whose server runs in this process. A `setUp` of your own calls
    `super().setUp()`; in `setUpTestData` there is no emulator yet.

    Attributes:
        kustomer: the emulator of "default": fill its `world`, ask its `requests`.
        kustomers: the emulators by alias.
    """

    kustomer: Emulator
    kustomers: dict[str, Emulator]

    def setUp(self) -> None:
        """Start the emulators, and have the settings point to them."""
        super().setUp()
        setting = {**configured()}
        self.kustomers = {}
        for place, (alias, options) in enumerate(setting.items()):
            server = self.enterContext(Emulator(org=str(options.get("ORG", alias)), seed=place))
            self.kustomers[alias] = server
            setting[alias] = {
                **options,
                "API_KEY": server.api_key,
                "BASE_URL": server.url,
                "RATE_LIMIT": "headers",
            }
        if DEFAULT in self.kustomers:
            self.kustomer = self.kustomers[DEFAULT]
        self.enterContext(override_settings(KUSTOMER=setting))
        for alias in setting:
            clients[alias].cache.clear()  # of what an earlier test has left

    def assertKustomerRequests(  # noqa: N802 - as Django's assertNumQueries
        self,
        count: int,
        function: Callable[..., Any] | None = None,
        *args: Any,
        using: str = DEFAULT,
        **options: Any,
    ) -> Any:
        """Assert that so many requests arrive in `with self.assertKustomerRequests(2):`.

        Or that a function makes so many. Repetitions count, and so do the requests of any other
        client of this emulator.

        Args:
            count: how many.
            function: what to call instead, with the further arguments.
            *args: its arguments.
            using: the alias whose emulator is watched.
            **options: its keyword arguments.
        """
        watching = self._watch(count, using)
        if function is None:
            return watching
        with watching:
            function(*args, **options)
        return None

    @contextlib.contextmanager
    def _watch(self, count: int, using: str) -> Iterator[None]:
        server = self.kustomers[using]
        before = len(server.requests)
        yield
        sent = [f"{each.method} {each.path}" for each in server.requests[before:]]
        lines = "\n".join(f"{number}. {line}" for number, line in enumerate(sent, 1))
        told = f"{len(sent)} requests arrived, {count} expected:\n{lines}"
        if len(sent) != count:
            self.fail(told)
