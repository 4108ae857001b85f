"""What an event does to live records: edits are kept and merged, doubts stay, stale ones pass."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, Masked, errors
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.webhooks import Applied, apply, parse
from tests.unit.webhook_receiver import Receiver as Listener
from tests.unit.webhooks.conftest import Inbox


@pytest.fixture
def conversation(server: Emulator, client: Client) -> Conversation:
    tags = [server.world.tag_id("old"), server.world.tag_id("kept")]
    ident = server.world.add("conversation", name="Hi", priority=1, tags=tags)
    return Conversation.get(ident)


def told(conversation: Conversation, inbox: Inbox, **values: Any) -> Applied:
    """Apply what a colleague writes."""
    return apply(parse(inbox.edit(str(conversation.id), **values).body), conversation)


def test_a_live_record_takes_the_new_values_without_a_request(
    server: Emulator, conversation: Conversation, inbox: Inbox
) -> None:
    before = len(server.requests)

    applied = told(conversation, inbox, name="Ho", custom={"vipBool": True})

    assert (conversation.name, conversation.custom["vipBool"]) == ("Ho", True)
    assert (conversation.rev, conversation.is_dirty) == (2, False)
    assert applied.moved == (conversation,)
    assert (applied.stale, applied.repeated, applied.kept, applied.overlaps) == ((), (), (), {})
    assert len(server.requests) == before


def test_an_edit_of_something_else_is_kept_and_alone_is_sent(
    server: Emulator, conversation: Conversation, inbox: Inbox
) -> None:
    conversation.priority = 5

    told(conversation, inbox, name="Ho")
    result = conversation.save()

    assert server.requests[-1].body == {"priority": 5}
    assert result.foreign == {}  # what others wrote was known
    stored = server.world.get("conversation", str(conversation.id))["attributes"]
    assert (stored["name"], stored["priority"]) == ("Ho", 5)


def test_lists_merge_as_sets_and_held_references_stay_live(
    server: Emulator, conversation: Conversation, inbox: Inbox
) -> None:
    held = conversation.tags
    held.append("mine")
    held.remove(server.world.tag_id("old"))

    applied = told(conversation, inbox, tags=["old", "kept", "theirs"])

    assert applied.overlaps == {}
    assert conversation.tags is held
    assert held == [server.world.tag_id("kept"), server.world.tag_id("theirs"), "mine"]


def test_what_was_cleared_is_cleared_here(
    server: Emulator, conversation: Conversation, inbox: Inbox
) -> None:
    told(conversation, inbox, custom={"aStr": "x"})
    told(conversation, inbox, custom={"aStr": None}, name=None)

    assert "aStr" not in conversation.custom
    assert conversation.name is None


@pytest.mark.parametrize("mode", ["verify", "careful", "strict"])
def test_an_edit_that_meets_another_value_is_told_now_and_at_the_save(
    server: Emulator,
    conversation: Conversation,
    inbox: Inbox,
    mode: str,
) -> None:
    conversation.name = "mine"

    applied = told(conversation, inbox, name="theirs", priority=4)

    assert applied.kept == (conversation,)
    assert applied.overlaps == {"name": ("mine", "theirs")}
    assert (conversation.name, conversation.original("name")) == ("mine", "Hi")
    assert (conversation.priority, conversation.rev) == (1, 1)
    if mode == "verify":
        assert conversation.save(conflict=mode).overwritten == ("name",)
    else:
        with pytest.raises(errors.ConflictError) as met:
            conversation.save(conflict=mode)
        field = met.value.fields["name"]
        assert (field.base, field.mine, field.theirs) == ("Hi", "mine", "theirs")


def test_a_value_that_both_have_set_alike_is_no_overlap(
    conversation: Conversation, inbox: Inbox
) -> None:
    conversation.name = "same"

    applied = told(conversation, inbox, name="same")

    assert applied.moved == (conversation,)
    assert conversation.is_dirty is False


# -- order ---------------------------------------------------------------------------------------


def test_an_event_that_is_older_than_the_record_moves_nothing(
    conversation: Conversation, inbox: Inbox
) -> None:
    first = parse(inbox.edit(str(conversation.id), name="first").body)
    second = parse(inbox.edit(str(conversation.id), name="second").body)

    assert apply(second, conversation).moved == (conversation,)
    assert apply(first, conversation).stale == (conversation,)
    assert apply(second, conversation).repeated == (conversation,)
    assert (conversation.name, conversation.rev) == ("second", 3)


def test_the_event_of_an_own_save_is_a_repetition(conversation: Conversation, inbox: Inbox) -> None:
    conversation.name = "mine"
    conversation.save()
    conversation.name = "and again"

    applied = apply(parse(inbox.last().body), conversation)

    assert applied.repeated == (conversation,)
    assert conversation.changes["name"] == ("mine", "and again")


def test_an_event_of_a_record_of_unknown_revision_leaves_it(
    server: Emulator, conversation: Conversation, inbox: Inbox
) -> None:
    conversation.name = "mine"
    server.faults.add(Fault.empty())
    conversation.save()  # it went well, and nobody knows of which revision it is
    assert conversation.rev is None

    assert apply(parse(inbox.last().body), conversation).kept == (conversation,)
    assert told(conversation, inbox, priority=4).kept == (conversation,)
    conversation.refresh()
    assert told(conversation, inbox, priority=5).moved == (conversation,)


def test_types_without_revisions_go_by_the_time_of_their_update(
    server: Emulator, client: Client
) -> None:
    def event(at: str, name: str, ident: str = "5f1") -> Any:
        attributes = {"name": name, "updatedAt": at}
        document = {
            "id": at,
            "name": "kustomer.team.update",
            "data": {"type": "team", "id": ident, "attributes": attributes},
        }
        return parse(json.dumps(document).encode())

    team = event("2026-01-01T00:00:00.000Z", "first").record
    later, odd = event("2026-01-01T00:00:00.001Z", "later"), event("soon", "odd")

    assert apply(later, team).moved == (team,)
    assert apply(later, team).repeated == (team,)
    assert apply(event("2026-01-01T00:00:00+01:00", "earlier"), team).stale == (team,)
    assert apply(odd, team).kept == (team,)
    assert team.name == "later"


# -- which records -------------------------------------------------------------------------------


def test_records_that_the_event_is_not_about_are_passed_over(
    server: Emulator, conversation: Conversation, inbox: Inbox
) -> None:
    other = Conversation.get(server.world.add("conversation", name="Other"))
    namesake = Customer(id=str(conversation.id))
    with Emulator(org="elsewhere") as elsewhere:
        elsewhere.world.add("conversation", id=str(conversation.id), name="Elsewhere")
        stranger = Client(elsewhere.api_key, base_url=elsewhere.url)
        theirs = Conversation.using(stranger).get(str(conversation.id))
        event = parse(inbox.edit(str(conversation.id), name="Ho").body)

        applied = apply(event, other, namesake, theirs, conversation, conversation)

    assert applied.moved == (conversation,)
    assert (other.name, theirs.name) == ("Other", "Elsewhere")


def test_records_of_the_open_identity_scope_move_by_themselves(
    server: Emulator, client: Client, inbox: Inbox
) -> None:
    ident = server.world.add("conversation", name="Hi")
    with client.identity_scope():
        held = Conversation.get(ident)
        unloaded = held.customer
        event = parse(inbox.edit(ident, name="Ho").body)
        applied = apply(event, held)

        assert applied.moved == (held,)
        assert Conversation.get(ident) is held
        assert held.customer is unloaded
    assert held.name == "Ho"
    assert apply(parse(inbox.edit(ident, name="Hu").body)).moved == ()  # the scope has ended


def test_the_record_of_the_event_is_nobody_elses(
    server: Emulator, client: Client, inbox: Inbox
) -> None:
    ident = server.world.add("conversation", name="Hi")
    with client.identity_scope():
        held = Conversation.get(ident)
        held.name = "mine"
        event = parse(inbox.edit(ident, name="theirs").body)

        assert event.record is not held
        assert held.name == "mine"


def test_a_related_record_that_was_never_loaded_is_loaded_by_an_event(
    server: Emulator, conversation: Conversation, listening: Listener
) -> None:
    customer = conversation.customer
    assert customer is not None
    inbox = Inbox(server, listening, "kustomer.customer.update")
    server.world.edit("customer", customer.id, name="Ada")
    before = len(server.requests)

    assert apply(parse(inbox.last().body), customer).moved == (customer,)
    assert customer.name == "Ada"
    assert len(server.requests) == before


def test_edits_of_a_record_that_was_never_loaded_are_kept(
    server: Emulator, client: Client, inbox: Inbox
) -> None:
    ident = server.world.add("conversation", name="Hi")
    blind = Conversation(id=ident, name="mine")

    told(blind, inbox, priority=4)

    assert (blind.name, blind.priority) == ("mine", 4)
    blind.save()
    assert server.requests[-1].body == {"name": "mine"}


def test_a_record_that_was_deleted_meanwhile_can_still_be_told(
    server: Emulator, conversation: Conversation, inbox: Inbox
) -> None:
    event = parse(inbox.edit(str(conversation.id), name="last words").body)
    server.world.delete("conversation", str(conversation.id))

    assert apply(event, conversation).moved == (conversation,)
    assert conversation.name == "last words"
    with pytest.raises(errors.NotFoundError):
        event.record.refresh()


def test_a_masked_value_of_an_event_hides_and_never_goes_out(
    server: Emulator, conversation: Conversation, inbox: Inbox
) -> None:
    conversation.tags.append("mine")
    server.world.mask("conversation", "name")

    told(conversation, inbox, priority=4)

    shown: object = conversation.name
    assert isinstance(shown, Masked)
    conversation.save()
    assert [each.body for each in server.requests[1:]] == [["mine"]]


# -- doubts --------------------------------------------------------------------------------------


def doubted(server: Emulator, conversation: Conversation, fault: Fault) -> None:
    """Have a save end without an answer."""
    conversation.name = "mine"
    server.faults.add(fault)
    with pytest.raises(errors.OutcomeUnknownError):
        conversation.save()
    assert conversation.in_doubt


def test_an_event_that_shows_what_was_in_doubt_settles_it(server: Emulator, inbox: Inbox) -> None:
    with Client(server.api_key, base_url=server.url, retry=0):
        conversation = Conversation.get(server.world.add("conversation", name="Hi"))
        doubted(server, conversation, Fault.cut_after())

        applied = apply(parse(inbox.last().body), conversation)

        assert applied.moved == (conversation,)
        assert (conversation.in_doubt, conversation.is_dirty) == (False, False)
        assert (conversation.name, conversation.rev) == ("mine", 2)


def test_an_event_that_does_not_show_it_leaves_the_doubt(server: Emulator, inbox: Inbox) -> None:
    with Client(server.api_key, base_url=server.url, retry=0):
        conversation = Conversation.get(server.world.add("conversation", name="Hi", priority=1))
        doubted(server, conversation, Fault.cut_before())

        applied = told(conversation, inbox, priority=4)

        assert applied.moved == (conversation,)
        assert (conversation.in_doubt, conversation.priority) == (True, 4)
        assert conversation.name == "mine"
        conversation.save()
        assert server.requests[-1].body == {"name": "mine"}
        assert conversation.in_doubt is False


# -- the cache -----------------------------------------------------------------------------------


def test_the_cache_drops_what_an_event_has_overtaken(server: Emulator, inbox: Inbox) -> None:
    client = Client(server.api_key, base_url=server.url, cache=60)
    conversations = Conversation.using(client)
    ident = server.world.add("conversation", name="Hi")
    conversations.get(ident)

    apply(parse(inbox.edit(ident, name="Ho").body, client))

    assert conversations.get(ident).name == "Ho"
    assert len(server.requests) == 2


def test_the_cache_keeps_what_is_as_new_as_the_event(server: Emulator, inbox: Inbox) -> None:
    client = Client(server.api_key, base_url=server.url, cache=60)
    conversation = Conversation.using(client).get(server.world.add("conversation", name="Hi"))
    old = parse(inbox.edit(str(conversation.id), priority=3).body, client)
    conversation.name = "mine"
    conversation.save()

    apply(parse(inbox.last().body, client))
    apply(old)

    assert client.cache.stats.drops == 0
    assert Conversation.using(client).get(str(conversation.id)).name == "mine"
    assert [each.method for each in server.requests] == ["GET", "PATCH"]


def test_every_reader_of_a_shared_cache_is_told(server: Emulator, inbox: Inbox) -> None:
    shared: dict[Any, Any] = {}
    ours = Client(server.api_key, base_url=server.url, cache=shared)
    ident = server.world.add("conversation", name="Hi")
    Conversation.using(ours).get(ident)
    (key,) = shared
    shared[(*key[:3], "another reader")] = shared[key]

    apply(
        parse(
            inbox.edit(ident, name="Ho").body,
            Client(server.api_key, base_url=server.url, cache=shared),
        )
    )

    assert shared == {}


def test_what_masked_eyes_have_seen_never_gets_into_the_cache(
    server: Emulator, inbox: Inbox
) -> None:
    shared: dict[Any, Any] = {}
    client = Client(server.api_key, base_url=server.url, cache=shared)

    apply(parse(inbox.edit(server.world.add("conversation"), name="Ho").body, client))

    assert shared == {}


def test_a_scope_that_missed_a_record_learns_that_it_is_there(
    server: Emulator, client: Client, inbox: Inbox
) -> None:
    conversation = Conversation.get(server.world.add("conversation"))
    ident = str(conversation.customer.id if conversation.customer else "")
    server.world.delete("customer", ident)
    with client.identity_scope():
        customer = conversation.customer
        assert customer is not None
        with pytest.raises(errors.NotFoundError):
            _ = customer.name
        listening = inbox.listening
        customers = Inbox(server, listening, "kustomer.customer.create")
        server.world.add("customer", id=ident, name="Ada")
        apply(parse(customers.last().body, client))

        assert Customer.get(ident).name == "Ada"


def test_what_was_applied_shows_names_and_no_values(
    conversation: Conversation, inbox: Inbox
) -> None:
    conversation.name = "my secret"

    applied = told(conversation, inbox, name="their secret")

    assert repr(applied) == "<Applied moved=0 repeated=0 stale=0 kept=1 overlaps=name>"
