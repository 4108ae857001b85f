"""SpamSender: an address whose messages are always, or never, taken for spam."""

from __future__ import annotations

from typing import Self

from kustomer_orm.attributes import Choice, DateTime, String, ToOne
from kustomer_orm.client import current_client
from kustomer_orm.records import Record


class SpamSender(Record):
    """An address whose messages are always ("blacklist") or never ("whitelist") taken for spam.

    >>> from kustomer_orm import Client, SpamSender
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     spam = SpamSender.put(channel="email", sender="a@b.example", listed_as="blacklist")
    ...     [spam.sender for spam in SpamSender.all()]
    ['a@b.example']
    """

    type = "spam_sender"
    path = "/v1/spam/senders"

    channel = String(writable=False)
    sender = String(writable=False)
    listed_as = Choice("whitelist", "blacklist", key="list", writable=False)

    # -- read -----------------------------------------------------------------------------------
    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)

    @classmethod
    def put(cls, *, channel: str, sender: str, listed_as: str) -> Self:
        """Say what a sender is, whether the organisation knew it or not. One request.

        Args:
            channel: where it writes, such as "email".
            sender: its address.
            listed_as: "blacklist" or "whitelist".
        """
        values = {"channel": channel, "sender": sender, "list": listed_as}
        return cls.using(current_client()).put(values)
