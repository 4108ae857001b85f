"""`KustomerTestCase`, used as a project uses it."""

from __future__ import annotations

import unittest
import urllib.request
from typing import Any, ClassVar

import pytest
from django.test import LiveServerTestCase, TestCase, TransactionTestCase, override_settings

from kustomer_orm import Conversation
from kustomer_orm.contrib.django import clients
from kustomer_orm.contrib.django.testing import KustomerTestCase
from tests.contrib.django.desk.models import Ticket

TWO = {
    "default": {"ORG": "acme", "TIMEOUT": 7, "RATE_LIMIT": "redis://nowhere/0", "CACHE": "records"},
    "other": {"API_KEY": "real-key", "ORG": "globex"},
}


@override_settings(KUSTOMER=TWO)
class TestTickets(KustomerTestCase, TestCase):
    seen: ClassVar[list[str]] = []

    def setUp(self) -> None:
        super().setUp()
        self.conversation = self.kustomer.world.add("conversation", name="Hi")
        self.ticket = Ticket.objects.create(conversation=self.conversation)

    def test_the_settings_point_to_the_emulator(self) -> None:
        assert clients["default"].config.base_url == self.kustomer.url
        assert clients["other"].config.base_url == self.kustomers["other"].url
        assert (clients["default"].org, clients["other"].org) == ("acme", "globex")
        assert clients["default"].config.timeout == 7.0
        assert clients["default"].config.rate_limit == "headers"

    def test_pages_are_asked_for_as_ever(self) -> None:
        with self.assertKustomerRequests(1):
            assert self.client.get(f"/twice/{self.conversation}/").content == b"Hi True"
        clients["default"].cache.clear()
        page = f"/twice/{self.conversation}/"
        self.assertKustomerRequests(1, self.client.get, page, using="default")

    def test_requests_are_counted_and_listed(self) -> None:
        with self.assertKustomerRequests(0, using="other"), self.assertKustomerRequests(1):
            assert self.ticket.conversation.name == "Hi"
        with pytest.raises(AssertionError) as caught, self.assertKustomerRequests(2):
            Conversation.get(self.conversation, fresh=True)
        assert "1 requests arrived, 2 expected" in str(caught.value)
        assert f"1. GET /v1/conversations/{self.conversation}" in str(caught.value)

    def test_an_error_in_the_block_is_the_error(self) -> None:
        with pytest.raises(ZeroDivisionError), self.assertKustomerRequests(5):
            _ = 1 / 0

    def test_each_test_has_a_world_of_its_own(self) -> None:
        assert [self.kustomer.world.get("conversation", self.conversation) is None, *self.seen] == [
            False
        ]

    def test_what_an_earlier_test_cached_is_gone(self) -> None:
        self._read_changed("one")

    def test_what_a_later_test_caches_is_its_own(self) -> None:
        self._read_changed("two")

    def _read_changed(self, name: str) -> None:
        self.kustomer.world.edit("conversation", self.conversation, name=name)
        assert Conversation.get(self.conversation).name == name
        self.assertKustomerRequests(0, Conversation.get, self.conversation)


class TestWithTransactions(KustomerTestCase, TransactionTestCase):
    available_apps: ClassVar[list[str]] = ["tests.contrib.django.desk"]

    def test_it_works_with_transactions(self) -> None:
        id_ = self.kustomer.world.add("conversation", name="Hi")
        Ticket.objects.create(conversation=id_)

        assert Ticket.objects.get().conversation.name == "Hi"


class TestLive(KustomerTestCase, LiveServerTestCase):
    available_apps: ClassVar[list[str]] = ["tests.contrib.django.desk"]

    def test_a_live_server_talks_to_the_emulator(self) -> None:
        id_ = self.kustomer.world.add("conversation", name="Hi")
        page = f"{self.live_server_url}/twice/{id_}/"
        with self.assertKustomerRequests(1), urllib.request.urlopen(page) as answer:
            assert answer.read() == b"Hi True"


def test_the_emulators_stop_whatever_a_set_up_does() -> None:
    class Failing(KustomerTestCase, TestCase):
        servers: ClassVar[list[Any]] = []

        def setUp(self) -> None:
            super().setUp()
            self.servers.append(self.kustomer)
            raise RuntimeError("a set-up of the project fails")

        def test_nothing(self) -> None: ...

    outcome = unittest.TestResult()
    Failing("test_nothing").run(outcome)

    assert len(outcome.errors) == 1
    with pytest.raises(RuntimeError, match="not running"):
        _ = Failing.servers[0].url
