"""What webhooks send to the project's own code.

Each signal's `sender` is the record's class: the one that stands for its type, such as a
`class SupportConversation(Conversation, default=True)`. Its arguments are `event`, an `Event` of
`kustomer_orm.webhooks`, `client` and `alias`. Meanwhile the client is current.

A receiver that raises has the whole delivery come again, to all receivers; see `webhook_view`.
"""

from django.dispatch import Signal

__all__ = ["record_changed", "record_created", "record_event"]

# Somebody has made a record, or changed one.
record_created = Signal()
record_changed = Signal()

# Anything has happened to a record, those two included: `event.verb` says what.
record_event = Signal()
