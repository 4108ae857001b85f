"""ConversationTime: how long an agent worked on a conversation."""

from __future__ import annotations

from kustomer_orm.attributes import DateTime, List, Number, String, ToMany, ToOne
from kustomer_orm.records import Record


class ConversationTime(Record):
    """How long an agent worked on a conversation: `conversation.times`. Read.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     id_ = server.world.add("conversation")
    ...     _ = server.world.add("conversation_time", conversation=id_, handleTime=19)
    ...     [time.handle_time for time in Conversation.get(id_).times]
    [19]
    """

    type = "conversation_time"
    path = "/v1/conversations/times"
    read_only = True

    handle_at = DateTime(writable=False)
    handle_time = Number(writable=False)
    message_at = DateTime(writable=False)
    message_time = Number(writable=False)
    note_at = DateTime(writable=False)
    note_time = Number(writable=False)
    channels = List(String(), writable=False)
    created_by_teams = ToMany("team", writable=False)
    assigned_users = ToMany("user", writable=False)
    assigned_teams = ToMany("team", writable=False)
    conversation = ToOne("conversation", writable=False)
    customer = ToOne("customer", writable=False)
    created_by = ToOne("user", writable=False)
    created_at = DateTime(writable=False)
