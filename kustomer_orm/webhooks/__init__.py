"""Webhooks: what Kustomer tells an app about what others wrote.

A delivery is verified on its raw bytes, read into an `Event` of our types, and applied to live
records and the cache. `Receiver` does the three in order and discards what is stale or repeated.
"""

from kustomer_orm.webhooks.applying import Applied, apply
from kustomer_orm.webhooks.events import Event, parse
from kustomer_orm.webhooks.receiving import Receiver
from kustomer_orm.webhooks.signing import EVENT_HEADER, MAX_SIZE, SIGNATURE_HEADER, sign, verify

__all__ = [
    "EVENT_HEADER",
    "MAX_SIZE",
    "SIGNATURE_HEADER",
    "Applied",
    "Event",
    "Receiver",
    "apply",
    "parse",
    "sign",
    "verify",
]
