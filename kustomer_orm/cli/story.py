"""What the demo runs. Each function is shown as it stands, and run as it is shown."""

from __future__ import annotations

from datetime import UTC, datetime

from kustomer_orm import Conversation, SaveResult, custom
from kustomer_orm.emulator.world import World


class SupportConversation(Conversation):
    """A conversation with the custom attributes that we use."""

    order_number = custom.Str()  # custom.orderNumberStr
    refund = custom.Num("refundAmountNum")
    due = custom.At()  # custom.dueAt
    is_vip = custom.Bool("vipBool")


def load() -> SupportConversation:
    """Load the conversation."""
    return SupportConversation.get("58228e05d4e96711004eccb7")


def change(conversation: SupportConversation) -> None:
    """Change standard and custom attributes."""
    conversation.name = "Refund for order 1234"
    conversation.status = "done"
    conversation.refund = 12.5
    conversation.due = datetime(2026, 12, 4, 17, tzinfo=UTC)
    conversation.is_vip = False
    conversation.custom["reasonTree"] = None  # a key that no class declares


def append(conversation: SupportConversation) -> None:
    """Edit a list in place."""
    conversation.tags.append("refund")


def save(conversation: SupportConversation) -> SaveResult:
    """Save."""
    return conversation.save()


def set_and_revert(conversation: SupportConversation) -> SaveResult:
    """Change attributes and change them back."""
    conversation.status = "snoozed"
    conversation.status = "done"
    conversation.refund = 12.50
    conversation.tags.append("late")
    conversation.tags.remove("late")
    return conversation.save()


def colleague(world: World) -> None:
    """Write as a colleague does."""
    world.edit("conversation", "58228e05d4e96711004eccb7", name="Broken mug")


def save_ours(conversation: SupportConversation) -> SaveResult:
    """Save another attribute."""
    conversation.priority = 1
    return conversation.save()
