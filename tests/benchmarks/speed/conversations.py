"""Make pages of conversations: 25 standard and 10 custom attributes, about 2.4 kB of JSON each.

The same seed and number give the same bytes on every machine, so that two runs measure the same
work. A page is the API's list envelope as bytes, compact, in UTF-8, as it comes off the wire.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

PAGE_SIZE = 100

_FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)
_SUBJECTS = (
    "Where is my order?",
    "Refund for a damaged lamp",
    "Rückfrage zur Rechnung",
    "Change of delivery address",
    "Two parcels, one missing",
    "Café table arrived with a scratch",
)
_SENTENCES = (
    "Hello, I ordered two weeks ago and nothing has arrived yet.",
    "The tracking page has said 'in transit' since Monday.",
    "Could you please tell me when I can expect the parcel?",
    "I would rather have my money back than another replacement.",
    "Thank you for your help, and best wishes from Málaga.",
)
_REASONS = ("delivery.late.carrier_delay", "billing.refund.partial", "product.damaged.in_transit")
_HISTORY = (
    "nameAt", "priorityAt", "channelAt", "assignedTeamsAt", "assignedUsersAt", "brandAt",
    "defaultLangAt", "statusAt", "tagsAt", "customAt",
)  # fmt: skip


def pages(conversations: int, *, seed: int = 8) -> Iterator[bytes]:
    """Yield the pages that hold so many conversations, made one at a time."""
    whole, rest = divmod(conversations, PAGE_SIZE)
    sizes = [PAGE_SIZE] * whole + [rest] * bool(rest)
    for number, size in enumerate(sizes, start=1):
        random = Random(f"{seed}/{number}")
        yield _page([conversation(random) for _ in range(size)], number, last=len(sizes))


def conversation(random: Random) -> dict[str, Any]:
    """Make one conversation as a JSON:API resource."""
    identity = _object_id(random)
    times = [_time(random) for _ in range(5)]
    return {
        "type": "conversation",
        "id": identity,
        "attributes": _attributes(random, times),
        "relationships": _relationships(random, identity),
        "links": {"self": f"/v1/conversations/{identity}"},
    }


def _page(resources: list[dict[str, Any]], number: int, *, last: int) -> bytes:
    link = "/v1/conversations?page={}&pageSize=100"
    envelope = {
        "meta": {"pageSize": PAGE_SIZE, "page": number},
        "data": resources,
        "links": {
            "self": link.format(number),
            "first": link.format(1),
            "prev": link.format(number - 1) if number > 1 else None,
            "next": link.format(number + 1) if number < last else None,
        },
    }
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


def _attributes(random: Random, times: list[str]) -> dict[str, Any]:
    created, updated, modified, activity, message = sorted(times)
    return {
        "externalId": f"shop-{random.randrange(10**8):08}",
        "name": f"{random.choice(_SUBJECTS)} #{random.randrange(10**6)}",
        "status": random.choice(("open", "snoozed", "done")),
        "priority": random.randint(1, 5),
        "direction": random.choice(("in", "out")),
        "replyChannel": random.choice(("email", "chat", "sms")),
        "tags": [_object_id(random) for _ in range(random.randint(2, 4))],
        "assignedUsers": [_object_id(random)],
        "assignedTeams": [_object_id(random)],
        "satisfaction": random.choice((-1, 0, 0.5, 1)),
        "defaultLang": random.choice(("en_us", "de_de", "es_es")),
        "channels": random.sample(("email", "chat", "sms"), k=random.randint(1, 2)),
        "preview": random.choice(_SENTENCES),
        "messageCount": random.randint(1, 40),
        "noteCount": random.randint(0, 5),
        "createdAt": created,
        "updatedAt": updated,
        "modifiedAt": modified,
        "lastActivityAt": activity,
        "lastMessageAt": message,
        "satisfactionLevel": {"sentByTeams": [], "answers": []},
        "firstMessageIn": {
            "id": _object_id(random),
            "sentAt": created,
            "createdAt": created,
            "channel": "email",
            "directionType": "initial-in",
        },
        "modificationHistory": {
            name: random.choice((None, modified) if name != "statusAt" else (modified,))
            for name in _HISTORY
        },
        "ended": random.choice((True, False)),
        "rev": random.randint(2, 60),
        "custom": _custom(random),
    }


def _custom(random: Random) -> dict[str, Any]:
    return {
        "orderNumberStr": f"{random.randrange(10**9):09}",
        "carrierStr": random.choice(("DHL", "UPS", "Correos", "Hermes")),
        "agentNoteTxt": " ".join(random.sample(_SENTENCES, k=2)),
        "refundAmountNum": random.randrange(1000, 90_000) / 100,
        "itemCountNum": random.randint(1, 9),
        "refundDueAt": _time(random),
        "isVipBool": random.choice((True, False)),
        "trackingUrl": f"https://track.example.com/parcels/{random.randrange(10**12):012}",
        "orderId": _object_id(random),
        "reasonTree": random.choice(_REASONS),
    }


def _relationships(random: Random, identity: str) -> dict[str, Any]:
    targets = (
        ("org", "org", "/v1/orgs"),
        ("customer", "customer", "/v1/customers"),
        ("modifiedBy", "user", "/v1/users"),
        ("queue", "queue", "/v1/queues"),
    )
    links: dict[str, Any] = {
        "messages": {"links": {"self": f"/v1/conversations/{identity}/messages"}}
    }
    for name, kind, path in targets:
        target = _object_id(random)
        links[name] = {
            "links": {"self": f"{path}/{target}"},
            "data": {"type": kind, "id": target},
        }
    return links


def _object_id(random: Random) -> str:
    return f"{random.getrandbits(96):024x}"


def _time(random: Random) -> str:
    moment = _FIRST_DAY + timedelta(milliseconds=random.randrange(31_536_000_000))
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
