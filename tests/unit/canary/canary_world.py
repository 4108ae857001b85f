"""The planted world of the canary tests: a token and a customer's text everywhere in the data."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kustomer_orm import Client, Conversation, Record, custom
from kustomer_orm.attributes import Object
from kustomer_orm.emulator import Emulator, Fault

TEXT = "CanaryText7f3a9"
MAIL = f"{TEXT}@example.com"
UNKNOWN_ID = "ffffffffffffffffffffffff"


class Planted(Conversation):
    """A conversation with a place for every kind of text."""

    note = custom.Txt()
    order_number = custom.Str(choices=("one", "two"))
    refund = custom.Num()
    due = custom.At()
    is_vip = custom.Bool()
    site = custom.Url()
    reason = custom.Tree()
    buyer = custom.Id("customer")


class Ticket(Record):
    """A record of a type that the emulator has not, with text inside free JSON."""

    type, path = "ticket", "/v1/tickets"
    extra = Object()


class Lines(logging.Handler):
    """Keeps every log line as a handler with a formatter would write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[tuple[str, str]] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.name, self.format(record) + repr(record.args)))


@dataclass
class World:
    """A conversation full of canaries, and the client that reads it."""

    server: Emulator
    client: Client
    id: str
    customer: str

    def record(self) -> Planted:
        return Planted.get(self.id)

    def edited(self, edit: Callable[[Planted], object]) -> Planted:
        """Load the record and edit it."""
        record = self.record()
        edit(record)
        return record

    def found_by(self, external_id: str) -> Planted:
        """Look the record up."""
        return Planted.get_by(external_id=external_id)

    def failing(self, *faults: Fault) -> World:
        """Let these faults strike from now on."""
        self.server.faults.add(*faults)
        return self


def assert_no_token(server: Emulator, words: str) -> None:
    """Neither the key nor a telling part of it: a message cuts what is long."""
    for part in server.api_key.split("."):
        assert part[:24] not in words


def assert_silent(world: World, *things: Any) -> None:
    """No way of printing these things shows the text or the token."""
    for thing in things:
        for words in (repr(thing), str(thing), f"{thing}"):
            assert_no_token(world.server, words)
            assert TEXT not in words, f"{type(thing).__name__} shows the text"
