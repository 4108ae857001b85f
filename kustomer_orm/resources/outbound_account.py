"""OutboundAccount: an address that messages are sent from."""

from __future__ import annotations

from kustomer_orm.attributes import String
from kustomer_orm.records import Record


class OutboundAccount(Record):
    """An address that messages are sent from. Read; the API shows no ids of them.

    >>> from kustomer_orm import Client, OutboundAccount
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     _ = server.world.add("outbound_account", channel="email", name="Support")
    ...     [account.name for account in OutboundAccount.all()]
    ['Support']
    """

    type = "outbound_account"
    path = "/v1/outboundAccounts"
    read_only = True

    channel = String(writable=False)
    name = String(writable=False)
    account = String(writable=False)
