"""Conversation: a thread of messages with one customer.

Attributes, limits and who may write them are those of the published contract ("Core Resources",
POST /conversations and PATCH /conversations/{id}); the read-only ones were seen in recorded
answers and events.
"""

from __future__ import annotations

from kustomer_orm.attributes import (
    Boolean,
    Choice,
    DateTime,
    Integer,
    List,
    Number,
    Object,
    String,
    ToMany,
    ToOne,
)
from kustomer_orm.records import Collection, Record

_TAG = r"^[0-9a-zA-ZÀ-ÿ_/<>\-.][0-9a-zA-ZÀ-ÿ _/<>\-.]{0,63}$"


class Conversation(Record):
    """A thread of messages with one customer.

    Declare custom attributes in a class of your own; with `default=True` it is used wherever a
    conversation arrives.

    >>> from kustomer_orm import Client, Conversation, custom
    >>> from kustomer_orm.emulator import Emulator
    >>> class SupportConversation(Conversation):
    ...     refund = custom.Num("refundAmountNum")
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     id_ = server.world.add("conversation", name="Hi")
    ...     conversation = SupportConversation.get(id_)
    ...     conversation.name = "Refund for order 1234"
    ...     conversation.refund = 12.5
    ...     conversation.save().requests[0].body
    {'name': 'Refund for order 1234', 'custom': {'refundAmountNum': 12.5}}
    """

    type = "conversation"
    path = "/v1/conversations"
    # What the contract declares for this one operation; plain JSON all the same.
    update_content_type = "application/json-patch+json"
    required = ("customer",)
    filters = {"sort": "sort"}  # noqa: RUF012 - a constant of the class
    bulk = ("create", "update")
    bulk_lacks = ("satisfaction_level", "suggested_shortcuts")
    look_ups = {"external_id": "externalId"}  # noqa: RUF012 - a constant of the class
    history = {  # noqa: RUF012 - a constant of the class
        "nameAt": "name",
        "priorityAt": "priority",
        "channelAt": "channels",
        "assignedTeamsAt": "assignedTeams",
        "assignedUsersAt": "assignedUsers",
        "brandAt": "relationships.brand",
        "defaultLangAt": "defaultLang",
        "statusAt": "status",
        "tagsAt": "tags",
        "customAt": "custom",
    }
    bookkeeping = frozenset(
        (
            "rev",
            "updatedAt",
            "modifiedAt",
            "relationships.modifiedBy",
            "lastActivityAt",
            "modificationHistory",
        )
    )

    messages = Collection("message", creates=True, implied=("conversation", "direction"))
    notes = Collection("note", creates=True, implied=("conversation",))
    forwards = Collection("forward", creates=True)
    attachments = Collection("attachment")
    events = Collection(
        "customer_event", filters={"name": "name", "changed": "changed", "sort": "sort"}
    )
    times = Collection("conversation_time")

    # -- written and read ---------------------------------------------------------------------
    external_id = String(max_length=256, nullable=True)
    name = String(max_length=256, nullable=True)
    status = Choice("open", "snoozed", "done", on_create=("open", "done"))
    priority = Integer(min=1, max=5)
    direction = Choice("in", "out")
    reply_channel = String(max_length=256, nullable=True, null_on_create=True)
    default_lang = String(max_length=100, nullable=True, null_on_create=True)
    tags = List(
        String(min_length=1, max_length=64, pattern=_TAG),
        max_items=20,
        unordered=True,
        append_to="tags",
    )
    assigned_users = ToMany("user", max_items=10, unordered=True)
    assigned_teams = ToMany("team", max_items=10, unordered=True)

    # -- written once the conversation exists ---------------------------------------------------
    snooze = Object(
        {"status": Choice("scheduled", "canceled", "elapsed"), "time": DateTime()},
        required=("status",),
        writable="update",
    )
    suggested_tags = List(
        Object(
            {"tag": String(min_length=1, max_length=64, pattern=_TAG), "confidence": Number()},
            required=("tag", "confidence"),
        ),
        max_items=20,
        unique=True,
        writable="update",
    )
    suggested_shortcuts = List(
        Object(
            {"shortcutId": String(), "confidence": Number(min=-1, max=1)},
            required=("shortcutId", "confidence"),
        ),
        writable="update",
    )
    satisfaction = Number(min=-1, max=1, nullable=True, writable="update")
    satisfaction_level = Object(
        {
            "createdAt": DateTime(),
            "status": Choice(
                "scheduled", "offered", "rated", "commented", "canceled", "unresponded"
            ),
            "form": String(),
            "formResponse": String(),
            "updatedAt": DateTime(),
            "scheduledFor": DateTime(),
            "firstAnswer": String(max_length=1024),
            "sentAt": DateTime(),
            "score": Integer(min=0, max=1),
            "rating": Integer(min=0, max=10),
            "channel": Choice(
                "email",
                "sms",
                "chat",
                "facebook",
                "twitter-dm",
                "twitter-tweet",
                "voice",
                "instagram",
                "instagram-comment",
                "whatsapp",
                "form",
            ),
            "sentBy": String(),
            "sentByTeams": List(String()),
        },
        required=("createdAt", "status"),
        writable="update",
    )
    sentiment = Object(
        {"polarity": Integer(min=-1, max=1), "confidence": Number(min=-1, max=1)},
        required=("polarity", "confidence"),
        writable="update",
    )
    deleted = Boolean(nullable=True, writable="update")
    ended = Boolean(writable="update")
    ended_at = DateTime(writable="update")
    ended_reason = String(max_length=128, writable="update")
    ended_by_type = Choice("user", "customer", writable="update")
    locked = Boolean(writable="update")

    # -- written as ids, read as relationships --------------------------------------------------
    customer = ToOne("customer", alone=True)
    queue = ToOne("queue", nullable=True, written_as=("queue", "id"))
    sub_status = ToOne("sub_status", writable="update")
    ended_by = ToOne("user", writable="update")
    external_queue = Choice("amazon-connect", nullable=True, written_as=("queue", "external"))

    # -- written when the conversation is created -----------------------------------------------
    created_at = DateTime(writable="create")
    imported_at = DateTime(writable="create")

    # -- read -----------------------------------------------------------------------------------
    brand = ToOne("brand", writable=False)
    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    pinned_by = ToOne("user", writable=False)
    sla_policy = ToOne("sla", key="sla", writable=False)
    sla_version = ToOne("sla_version", writable=False)

    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)
    last_activity_at = DateTime(writable=False)
    last_received_at = DateTime(writable=False)
    last_message_at = DateTime(writable=False)

    channels = List(String(), writable=False)
    preview = String(writable=False)
    message_count = Integer(writable=False)
    note_count = Integer(writable=False)
    inbound_message_count = Integer(writable=False)
    outbound_message_count = Integer(writable=False)
    done_count = Integer(writable=False)
    reopen_count = Integer(writable=False)
    reopen_from_done_count = Integer(writable=False)
    snooze_count = Integer(writable=False)
    last_message_direction = String(writable=False)

    open = Object(writable=False)
    first_message_in = Object(writable=False)
    first_message_out = Object(writable=False)
    last_message_in = Object(writable=False)
    last_message_out = Object(writable=False)
    last_message_unresponded_to = Object(writable=False)
    last_message_unresponded_to_since_last_done = Object(writable=False)
    first_response = Object(writable=False)
    first_response_since_last_done = Object(writable=False)
    last_response = Object(writable=False)
    first_done = Object(writable=False)
    last_done = Object(writable=False)
    total_open = Object(writable=False)
    total_done = Object(writable=False)
    total_snooze = Object(writable=False)
    modification_history = Object(writable=False)
    sla = Object(writable=False)
    attribution = Object(writable=False)
    first_company = Object(writable=False)
    last_deflection = Object(writable=False)
    assistant = Object(writable=False)
    ai_agent = Object(writable=False)

    spam = Boolean(writable=False)
    merged_target = Boolean(writable=False)
    pinned = Boolean(writable=False)
    linked_conversations = List(String(), writable=False)
    skills = List(Object(), writable=False)
    predictions = List(Object(), writable=False)
    matched_time_based_rules = List(Object(), writable=False)
    access_override = List(String(), writable=False)
    role_group_versions = List(String(), writable=False)
    phase = String(writable=False)
    locale = String(writable=False)
    billing_status = String(writable=False)
