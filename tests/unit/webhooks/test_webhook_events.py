"""What a delivery is read into, and that nothing which is no event gets any further."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kustomer_orm import (
    Change,
    Client,
    Conversation,
    GenericRecord,
    KObject,
    Masked,
    Record,
    custom,
    errors,
)
from kustomer_orm.emulator import Emulator
from kustomer_orm.records.core import records
from kustomer_orm.webhooks import Event, parse
from tests.unit.webhook_receiver import Receiver as Listener
from tests.unit.webhooks.conftest import Inbox

EXAMPLES = Path("/work/shared/api-examples.json")


class TrackedConversation(Conversation, registered=False):
    order_number = custom.Str()


def body_of(**values: Any) -> bytes:
    data = {"type": "conversation", "id": "5f1", "attributes": {"name": "Ho", "rev": 3}}
    whole = {"id": "5e1", "name": "kustomer.conversation.update", "org": "5d1", "data": data}
    return json.dumps({**whole, **values}).encode()


def changed(attributes: Any, relationships: Any = None, type_name: str = "conversation") -> Event:
    data = {"type": type_name, "id": "5f1", "attributes": {"rev": 3}}
    told = {"attributes": attributes, "relationships": relationships}
    return parse(body_of(data=data, changes=told), Client("a-key", org="acme"))


def test_an_event_holds_the_record_after_the_change_and_the_changes_by_python_name(
    server: Emulator, client: Client, inbox: Inbox
) -> None:
    ident = server.world.add("conversation", name="Hi", custom={"orderNumberStr": "1"})
    post = inbox.edit(ident, name="Ho", assignedUsers=[ident], custom={"orderNumberStr": "2"})

    event = parse(post.body, client)

    assert (event.name, event.type, event.verb) == (
        "kustomer.conversation.update",
        "conversation",
        "update",
    )
    assert isinstance(event.record, Conversation)
    assert (event.record.id, event.record.name, event.rev) == (ident, "Ho", 2)
    assert event.record.rev == 2
    assert event.changes["name"] == Change("Hi", "Ho")
    assert event.changes["custom.orderNumberStr"] == Change("1", "2")
    assert [each.id for each in event.changes["assigned_users"].new] == [ident]
    assert not {"rev", "updated_at", "modified_at", "updatedAt", "custom"} & set(event.changes)
    assert event.created_at is not None
    assert event.created_at.tzinfo is not None
    assert event.client is client
    assert event.org == server.world.org_id
    assert event.raw == json.loads(post.body)
    assert [each.path for each in server.requests if each.method != "GET"] == []


def test_the_record_of_an_event_is_saved_like_any_other(
    server: Emulator, client: Client, inbox: Inbox
) -> None:
    ident = server.world.add("conversation", name="Hi")
    event = parse(inbox.edit(ident, priority=5).body, client)
    assert isinstance(event.record, Conversation)

    event.record.name = "Seen"
    result = event.record.save()

    assert [(each.method, each.body) for each in server.requests] == [("PATCH", {"name": "Seen"})]
    assert (result.rev, result.foreign) == (3, {})


def test_a_creation_has_no_changes(server: Emulator, client: Client, listening: Listener) -> None:
    inbox = Inbox(server, listening, "kustomer.customer.create")
    server.world.add("customer", name="Ada")

    event = parse(inbox.last().body, client)

    assert (event.verb, dict(event.changes)) == ("create", {})


def test_the_recorded_event_is_read() -> None:
    if not EXAMPLES.exists():
        pytest.skip("the recordings are not on this machine")
    recorded = json.loads(EXAMPLES.read_text("utf-8"))["webhook.conversation_update"]["body"]

    event = parse(json.dumps(recorded).encode())

    assert event.changes == {"name": Change("Name", "Update Name")}
    assert event.created_at == datetime(2025, 3, 21, 20, 20, 11, 435000, tzinfo=UTC)
    assert (event.rev, event.own, event.client) == (3, False, None)


def test_names_are_those_of_the_class_that_stands_for_the_type() -> None:
    class OrderedConversation(TrackedConversation, default=True):
        pass

    event = changed({"custom": {"op": "replace", "before": {}, "after": {"orderNumberStr": "2"}}})

    assert event.changes == {"order_number": Change(None, "2")}


@pytest.fixture(autouse=True)
def _registry_restored() -> Any:
    from_before = dict(records._classes)
    yield
    records._classes.clear()
    records._classes.update(from_before)


def test_changes_of_custom_attributes_are_read_in_either_spelling() -> None:
    whole = {"custom": {"op": "replace", "before": {"aNum": 1, "bStr": "x"}, "after": {"aNum": 2}}}
    keys = {
        "custom.aNum": {"op": "replace", "before": 1, "after": 2},
        "custom.bStr": {"op": "remove", "before": "x"},
    }

    wanted = {"custom.aNum": Change(1, 2), "custom.bStr": Change("x", None)}
    assert changed(whole).changes == changed(keys).changes == wanted
    assert changed({"custom": {"op": "add", "after": {"aNum": 1}}}).changes == {
        "custom.aNum": Change(None, 1)
    }


@pytest.mark.parametrize(
    "side",
    [
        {"data": {"type": "queue", "id": "5a1"}, "links": {"self": "/v1/routing/queues/5a1"}},
        {"data": {"type": "queue", "id": "5a1"}},
        {"type": "queue", "id": "5a1"},
    ],
)
def test_changes_of_relationships_are_read_in_any_spelling(side: Any) -> None:
    event = changed({}, {"queue": {"op": "add", "after": side}})

    assert event.changes["queue"].old is None
    assert event.changes["queue"].new.id == "5a1"


def test_a_change_that_cannot_be_read_is_shown_raw_or_left_out() -> None:
    event = changed(
        {
            "status": {"op": "replace", "before": "open", "after": {"odd": [1]}},
            "somethingNew": {"op": "add", "after": {"a": 1}},
            "name": "no object",
            "priority": {"op": "replace"},
            "custom": {"op": "replace", "before": "x", "after": ["y"]},
        },
        {"customer": {"op": "replace", "before": "x", "after": 5}, "odd": {"after": 5}},
    )

    assert event.changes["status"] == Change("open", {"odd": [1]})
    assert event.changes["somethingNew"] == Change(None, {"a": 1})
    assert not {"name", "priority", "custom"} & set(event.changes)


@pytest.mark.parametrize("told", [None, [], "x", {"attributes": []}, {"attributes": {"a": None}}])
def test_changes_of_no_shape_are_none(told: Any) -> None:
    assert parse(body_of(changes=told)).changes == {}


def test_masked_values_are_masked_in_the_record_and_in_the_changes(
    server: Emulator, client: Client, listening: Listener
) -> None:
    inbox = Inbox(server, listening, "kustomer.customer.update")
    ident = server.world.add("customer", name="Ada")
    server.world.mask("customer", "name")
    server.world.edit("customer", ident, name="Grace", externalId="1")
    event = parse(inbox.last().body, client)

    assert isinstance(event.record["name"], Masked)
    assert "name" not in event.changes
    mask = {"isMasked": True, "maskedPresentation": "A**"}
    both = changed({"name": {"op": "replace", "before": mask, "after": mask}})
    assert isinstance(both.changes["name"].new, Masked)
    assert "A**" not in repr(both.changes)
    assert changed({"custom": {"op": "replace", "before": mask, "after": mask}}).changes == {}


def test_no_repr_shows_a_value(server: Emulator, client: Client, inbox: Inbox) -> None:
    event = parse(inbox.edit(server.world.add("conversation"), name="Secret plan").body, client)

    assert "Secret" not in repr(event)
    assert repr(event) == f"<Event kustomer.conversation.update {event.record.id} rev 2>"


# -- types that nobody declared ------------------------------------------------------------------


def test_an_unknown_type_becomes_a_generic_record() -> None:
    data = {"type": "work_item", "id": "5f1", "attributes": {"title": "x"}}
    moved = {"attributes": {"title": {"before": "w", "after": "x"}}}

    event = parse(body_of(name="kustomer.work_item.update", data=data, changes=moved))

    assert isinstance(event.record, GenericRecord)
    assert (event.type, event.record.type, event.record["title"]) == ("work_item", "work_item", "x")
    assert event.changes == {"title": Change("w", "x")}
    assert event.rev is None


def test_custom_objects_are_of_their_klass_and_an_impossible_one_is_generic() -> None:
    data = {"type": "kobject.order", "id": "5f1", "attributes": {"title": "x"}}
    order = parse(body_of(name="kustomer.kobject.order.update", data=data))
    odd = parse(body_of(name="kustomer.kobject.update", data={**data, "type": "kobject.a.b"}))

    assert isinstance(order.record, KObject)
    assert order.verb == "update"
    assert isinstance(odd.record, GenericRecord)
    assert isinstance(odd.record, Record)


# -- what is no event ----------------------------------------------------------------------------


def nested(levels: int) -> bytes:
    return body_of().replace(b'"Ho"', b"[" * levels + b"]" * levels)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"12",
        b"\xff\xfe",
        body_of()[:-1],
        body_of() + b"}",
        body_of().replace(b"3", b"NaN"),
        body_of(name=None),
        body_of(name="kustomer"),
        body_of(name="kustomer.conversation"),
        body_of(name="acme.conversation.update"),
        body_of(name="kustomer.conversation.update\n"),
        body_of(name=["kustomer.conversation.update"]),
        body_of(data=None),
        body_of(data=[]),
        body_of(data={"type": "conversation", "id": "5f1"}),
        body_of(data={"type": "conversation", "id": "5f1", "attributes": []}),
        body_of(data={"type": "conversation", "id": 5, "attributes": {}}),
        body_of(data={"type": "conversation", "id": "", "attributes": {}}),
        body_of(data={"type": "conversation", "id": "..", "attributes": {}}),
        body_of(data={"type": "conversation", "id": "a/../b", "attributes": {}}),
        body_of(data={"type": "conversation", "id": "x" * 300, "attributes": {}}),
        body_of(data={"type": None, "id": "5f1", "attributes": {}}),
        body_of(data={"type": "a b", "id": "5f1", "attributes": {}}),
        body_of(data={"type": "", "id": "5f1", "attributes": {}}),
        body_of(data={"type": "tag", "id": "5f1", "attributes": {}, "relationships": []}),
        nested(150),
        nested(950),
        nested(100_000),
        b'{"a":' * 200_000,
    ],
)
def test_what_is_no_event_is_a_400_and_no_other_error(body: bytes) -> None:
    with pytest.raises(errors.WebhookError) as refused:
        parse(body)

    assert refused.value.status == 400
    assert "Ho" not in str(refused.value)


def test_a_body_beyond_the_size_is_not_even_read() -> None:
    with pytest.raises(errors.WebhookError) as refused:
        parse(b"{" * 11, max_size=10)

    assert refused.value.status == 413


@pytest.mark.parametrize(
    "values",
    [
        {"id": None},
        {"id": 5},
        {"org": None},
        {"createdAt": None},
        {"createdAt": "yesterday"},
        {"createdAt": 5},
        {"data": {"type": "tag", "id": "5f1", "attributes": {}, "relationships": None}},
        {"data": {"type": "tag", "id": "5f1", "attributes": {"rev": "x"}, "links": 5}},
        {"data": {"type": "tag", "id": "5f1", "attributes": {"rev": -1}}},
    ],
)
def test_what_is_missing_or_odd_beside_the_record_is_forgiven(values: dict[str, Any]) -> None:
    event = parse(body_of(**values), Client("a-key", org="acme"))

    assert event.record.id == "5f1"
    assert event.own is False


# -- other organisations -------------------------------------------------------------------------


def test_an_event_of_another_organisation_is_refused(
    server: Emulator, client: Client, inbox: Inbox
) -> None:
    post = inbox.edit(server.world.add("conversation"), name="Ho")

    with Emulator(seed=1, org="other") as other:
        stranger = Client(other.api_key, base_url=other.url)
        with pytest.raises(errors.WebhookError, match="another organisation") as refused:
            parse(post.body, stranger)
    assert refused.value.status == 403
    assert parse(post.body, client).org == server.world.org_id


def test_a_key_that_names_no_organisation_leaves_the_name() -> None:
    client = Client("a-key-of-no-three-parts", org="acme")

    with pytest.raises(errors.WebhookError, match="another organisation"):
        parse(body_of(orgName="other"), client)
    assert parse(body_of(orgName="Acme"), client).client is client
    assert parse(body_of(), client).client is client


# -- own changes ---------------------------------------------------------------------------------


def test_a_change_by_the_user_of_the_key_is_own(
    server: Emulator, client: Client, inbox: Inbox
) -> None:
    conversation = Conversation.get(server.world.add("conversation", name="Hi"))

    conversation.name = "ours"
    conversation.save()
    ours = parse(inbox.last().body, client)
    theirs = parse(inbox.edit(str(conversation.id), name="theirs").body, client)

    assert (ours.own, theirs.own) == (True, False)
    unknown = Client("a-key-that-names-nobody", base_url=server.url)
    assert parse(inbox.all()[0].body, unknown).own is False


def test_a_creation_by_the_user_of_the_key_is_own(
    server: Emulator, client: Client, listening: Listener
) -> None:
    inbox = Inbox(server, listening, "kustomer.conversation.create")
    Conversation.create(customer=server.world.add("customer"))
    ours = parse(inbox.last().body, client)
    colleague = server.world.add("user", name="A colleague")
    server.world.add("conversation", createdBy=colleague)
    theirs = parse(inbox.last().body, client)

    assert (ours.own, theirs.own) == (True, False)


def test_a_tag_that_somebody_adds_after_us_is_not_own(
    server: Emulator, client: Client, inbox: Inbox
) -> None:
    conversation = Conversation.get(server.world.add("conversation", name="Hi"))
    conversation.name = "ours"
    conversation.save()
    server.world.add_tags("conversation", str(conversation.id), ["theirs"])

    event = parse(inbox.last().body, client)

    author = event.raw["data"]["relationships"]["modifiedBy"]["data"]["id"]
    assert author == server.world.machine_user  # so this alone must not be believed
    assert event.own is False


def test_a_step_of_two_revisions_is_not_own(server: Emulator, client: Client, inbox: Inbox) -> None:
    conversation = Conversation.get(server.world.add("conversation", name="Hi"))
    conversation.name = "ours"
    conversation.save()
    document = json.loads(inbox.last().body)

    for rev in ({"before": 0, "after": 2}, {"before": 1}, {"before": "x", "after": 2}):
        document["changes"]["attributes"]["rev"] = rev
        assert parse(json.dumps(document).encode(), client).own is False
    del document["changes"]["attributes"]["rev"]
    assert parse(json.dumps(document).encode(), client).own is False
