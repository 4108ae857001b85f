"""What a generated conversation holds: the attributes and their kinds, declared once for all peers.

Every library that has typed fields gets its 35 field declarations from these two tables, so that
none of them carries an attribute more or less than the others.
"""

from typing import Final, Literal

Kind = Literal["text", "integer", "number", "flag", "time", "url", "texts", "json"]

STANDARD: Final[dict[str, Kind]] = {
    "externalId": "text",
    "name": "text",
    "status": "text",
    "priority": "integer",
    "direction": "text",
    "replyChannel": "text",
    "tags": "texts",
    "assignedUsers": "texts",
    "assignedTeams": "texts",
    "satisfaction": "number",
    "defaultLang": "text",
    "channels": "texts",
    "preview": "text",
    "messageCount": "integer",
    "noteCount": "integer",
    "createdAt": "time",
    "updatedAt": "time",
    "modifiedAt": "time",
    "lastActivityAt": "time",
    "lastMessageAt": "time",
    "satisfactionLevel": "json",
    "firstMessageIn": "json",
    "modificationHistory": "json",
    "ended": "flag",
    "rev": "integer",
}

CUSTOM: Final[dict[str, Kind]] = {
    "orderNumberStr": "text",
    "carrierStr": "text",
    "agentNoteTxt": "text",
    "refundAmountNum": "number",
    "itemCountNum": "number",
    "refundDueAt": "time",
    "isVipBool": "flag",
    "trackingUrl": "url",
    "orderId": "text",
    "reasonTree": "text",
}

ATTRIBUTES: Final[dict[str, Kind]] = {**STANDARD, **CUSTOM}
"""All 35 side by side, for libraries that know no nesting."""

READ_ONLY: Final = frozenset(
    {
        "channels",
        "preview",
        "messageCount",
        "noteCount",
        "createdAt",
        "updatedAt",
        "modifiedAt",
        "lastActivityAt",
        "lastMessageAt",
        "firstMessageIn",
        "modificationHistory",
    }
)


def snake(name: str) -> str:
    """Spell a wire name as a Python attribute: ``createdAt`` is ``created_at``."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
