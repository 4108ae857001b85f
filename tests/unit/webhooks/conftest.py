"""An inbox that real deliveries of the emulator arrive in, and a way to forge some."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from kustomer_orm.emulator import Emulator
from kustomer_orm.webhooks import EVENT_HEADER, SIGNATURE_HEADER, sign
from tests.unit.webhook_receiver import Post, Receiver

EVENTS = ("kustomer.conversation.update",)


class Inbox:
    """What arrived over the wire of one webhook."""

    def __init__(self, server: Emulator, listening: Receiver, *events: str) -> None:
        self.server = server
        self.listening = listening
        self.hook = server.webhooks.add(listening.url, *(events or EVENTS))

    @property
    def token(self) -> str:
        """The key of the webhook."""
        return self.hook.token

    def all(self) -> list[Post]:
        """Everything that has arrived, after everything was delivered."""
        assert self.server.webhooks.wait()
        return self.listening.posts

    def last(self) -> Post:
        """The latest delivery."""
        return self.all()[-1]

    def edit(self, ident: str, **values: Any) -> Post:
        """Have a colleague edit a conversation; the delivery that tells of it."""
        self.server.world.edit("conversation", ident, **values)
        return self.last()

    def forge(self, post: Post, **values: Any) -> Post:
        """A delivery with other words, signed with the webhook's key."""
        return self.sign(json.dumps({**json.loads(post.body), **values}).encode())

    def sign(self, body: bytes, key: str | None = None) -> Post:
        """A delivery of these bytes, signed."""
        return Post(body, signed(body, key or self.token))


def signed(body: bytes, key: str) -> Mapping[str, str]:
    """The headers of a body."""
    return {EVENT_HEADER: "kustomer.conversation.update", SIGNATURE_HEADER: sign(body, key)}


@pytest.fixture
def listening() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def inbox(server: Emulator, listening: Receiver) -> Inbox:
    return Inbox(server, listening)
