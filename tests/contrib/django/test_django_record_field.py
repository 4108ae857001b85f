"""`RecordField`: the id in the database, the record in Python."""

from __future__ import annotations

import copy
import pickle
from io import StringIO
from typing import Any

import pytest
from django import forms
from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, models, transaction
from django.db.migrations.writer import MigrationWriter
from django.db.models import F
from django.test import override_settings
from django.test.utils import isolate_apps

from kustomer_orm import Conversation, Customer
from kustomer_orm.contrib.django import RecordField, clients
from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import DeclarationError, InvalidValueError, NotFoundError, NotLoadedError
from tests.contrib.django.desk.models import Refund, Ticket
from tests.contrib.django.desk.records import DeskConversation

DESK_CONVERSATION = "tests.contrib.django.desk.records.DeskConversation"

pytestmark = pytest.mark.usefixtures("kustomer")


@pytest.fixture
def id_(server: Emulator) -> str:
    return server.world.add("conversation", name="Hi", priority=2)


def made(**values: Any) -> Ticket:
    """A ticket as another request would find it."""
    ticket = Ticket.objects.create(**values)
    again: Ticket = Ticket.objects.get(pk=ticket.pk)
    return again


# -- reading -------------------------------------------------------------------------------------


def test_the_record_is_loaded_when_it_is_read(id_: str, server: Emulator) -> None:
    ticket = made(conversation=id_)

    assert ticket.conversation_id == id_
    assert ticket.conversation.id == id_
    assert isinstance(ticket.conversation, Conversation)
    assert repr(ticket.conversation) == f"<Conversation {id_}>"
    assert server.requests == []

    assert ticket.conversation.name == "Hi"
    assert ticket.conversation.priority == 2
    assert len(server.requests) == 1


def test_it_is_the_same_object_each_time(id_: str) -> None:
    ticket = made(conversation=id_)

    assert ticket.conversation is ticket.conversation


def test_in_an_identity_scope_it_is_the_object_of_the_scope(id_: str, server: Emulator) -> None:
    first, second = made(conversation=id_), made(conversation=id_)
    with clients["default"].identity_scope():
        assert first.conversation is second.conversation
        assert Conversation.get(id_) is first.conversation
        assert first.conversation.name == "Hi"
    assert len(server.requests) == 1


def test_it_is_asked_for_by_the_client_of_its_alias(
    server: Emulator, other_server: Emulator
) -> None:
    id_ = other_server.world.add("customer", name="Nora")

    assert made(customer=id_).customer.name == "Nora"
    assert server.requests == []


def test_it_is_saved_by_itself(id_: str, server: Emulator) -> None:
    ticket = made(conversation=id_)
    ticket.conversation.name = "Changed"
    ticket.save()
    assert [each.method for each in server.requests] == []

    ticket.conversation.save()

    assert server.requests[-1].body == {"name": "Changed"}


def test_no_id_is_no_record() -> None:
    assert made().conversation is None
    assert made(conversation=None).conversation_id is None
    assert made(conversation="").conversation_id is None


def test_a_missing_record_raises_when_it_is_read() -> None:
    ticket = made(conversation="5a1f0000000000000000abcd")

    with pytest.raises(NotFoundError):
        _ = ticket.conversation.name


def test_strict_loading_refuses(id_: str, accounts: dict[str, Any]) -> None:
    with override_settings(KUSTOMER={"default": {**accounts["default"], "STRICT_LOADING": True}}):
        ticket = made(conversation=id_)
        with pytest.raises(NotLoadedError, match="strict_loading"):
            _ = ticket.conversation.name


# -- assigning -----------------------------------------------------------------------------------


def test_a_record_an_id_or_none_is_assigned(id_: str) -> None:
    record = Conversation.get(id_)
    ticket = Ticket(conversation=record)
    assert (ticket.conversation_id, ticket.conversation) == (id_, record)
    assert ticket.conversation is record

    ticket.conversation = "5a1f0000000000000000abcd"
    assert ticket.conversation is not record
    assert ticket.conversation_id == "5a1f0000000000000000abcd"

    ticket.conversation = None
    assert (ticket.conversation, ticket.conversation_id) == (None, None)

    ticket.conversation_id = id_
    assert ticket.conversation == record
    ticket.conversation_id = record
    assert ticket.conversation_id == id_
    assert Ticket(conversation_id=id_).conversation == record


def test_another_id_lets_go_of_the_record_and_the_same_does_not(id_: str, server: Emulator) -> None:
    record = Conversation.get(id_)
    ticket = Ticket(conversation=record)
    ticket.conversation_id = id_
    assert ticket.conversation is record

    ticket.conversation_id = server.world.add("conversation", name="Another")
    assert ticket.conversation.name == "Another"


def test_what_is_not_a_link_is_refused_where_it_is_assigned(
    id_: str, server: Emulator, other_server: Emulator
) -> None:
    customer = Customer.get(server.world.add("customer"))
    elsewhere = Conversation.using(clients["other"]).get(other_server.world.add("conversation"))
    unbound = pickle.loads(pickle.dumps(Conversation(id=id_)))
    object.__setattr__(unbound, "_client", None)
    refused = {
        "a Customer": customer,
        "a Conversation that was not saved yet": Conversation(name="new"),
        "a Conversation of another organisation than 'acme'": elsewhere,
        "a Conversation of no client": unbound,
        "got 5": 5,
    }
    ticket = Ticket()
    for words, value in refused.items():
        with pytest.raises(InvalidValueError, match=r"desk\.Ticket\.conversation") as caught:
            ticket.conversation = value
        assert words in str(caught.value)
        assert "expected a Conversation, its id, or None" in str(caught.value)
    for id_ in ("a/b", "..", "a,b", "x" * 257):
        with pytest.raises(InvalidValueError, match="expected a Conversation"):
            ticket.conversation = id_
    assert ticket.conversation is None


def test_a_subclass_is_a_link_and_a_base_class_is_none(id_: str) -> None:
    desk = DeskConversation.get(id_)

    assert Ticket(conversation=desk).conversation is desk
    with pytest.raises(InvalidValueError, match="expected a DeskConversation"):
        Refund(conversation=Conversation.get(id_))
    assert isinstance(Refund(conversation=id_).conversation, DeskConversation)


def test_an_expression_is_saved_as_one(id_: str) -> None:
    ticket = made(subject=id_)
    ticket.conversation = F("subject")
    assert ticket.conversation is None
    ticket.save()
    ticket.refresh_from_db()

    assert ticket.conversation_id == id_


def test_a_link_that_must_be_there_is_not_the_empty_string() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.create()


@isolate_apps("tests.contrib.django.desk")
def test_a_field_may_ask_for_empty_strings() -> None:
    class Loose(models.Model):
        conversation = RecordField(Conversation, blank=True)

        class Meta:
            app_label = "desk"

    assert Loose().conversation_id == ""
    assert Loose(conversation="").conversation is None


# -- looking for it ------------------------------------------------------------------------------


def test_it_is_looked_for_by_record_and_by_id(id_: str, server: Emulator) -> None:
    ticket = made(conversation=id_)
    made(conversation=server.world.add("conversation"))
    record = Conversation.get(id_)
    lookups: list[dict[str, Any]] = [
        {"conversation": record},
        {"conversation": id_},
        {"conversation_id": id_},
        {"conversation__in": [record]},
        {"conversation__in": [id_, "5a1f0000000000000000abcd"]},
        {"conversation__startswith": id_[:24]},
    ]
    for lookup in lookups:
        assert list(Ticket.objects.filter(**lookup)) == [ticket]
        assert ticket not in Ticket.objects.exclude(**lookup)
    assert Ticket.objects.filter(conversation__isnull=True).count() == 0
    assert Ticket.objects.filter(conversation=None).count() == 0


def test_a_lookup_by_a_record_of_another_kind_is_refused(server: Emulator) -> None:
    customer = Customer.get(server.world.add("customer"))

    with pytest.raises(InvalidValueError, match="got a Customer"):
        Ticket.objects.filter(conversation=customer)
    with pytest.raises(InvalidValueError, match="not saved yet"):
        Ticket.objects.filter(conversation=Conversation())


def test_querysets_write_records(id_: str) -> None:
    record, ticket = Conversation.get(id_), made()
    Ticket.objects.update(conversation=record)
    assert Ticket.objects.get().conversation_id == id_

    ticket.conversation = None
    Ticket.objects.bulk_update([ticket], ["conversation"])
    assert Ticket.objects.get().conversation_id is None

    Ticket.objects.bulk_create([Ticket(conversation=record)])
    assert Ticket.objects.get_or_create(conversation=record)[1] is False
    assert list(Ticket.objects.exclude(conversation=None).values_list("conversation")) == [(id_,)]
    assert Ticket.objects.exclude(conversation=None).values("conversation_id").count() == 1


def test_a_deferred_link_is_read_from_the_database_when_asked_for(
    id_: str, server: Emulator
) -> None:
    made(conversation=id_)
    for ticket in (Ticket.objects.defer("conversation").get(), Ticket.objects.only("pk").get()):
        assert "conversation_id" in ticket.get_deferred_fields()
        assert ticket.conversation.name == "Hi"


def test_refreshing_from_the_database_reads_the_link_and_keeps_the_record(
    id_: str, server: Emulator
) -> None:
    ticket = made(conversation=id_)
    ticket.conversation.name = "not saved"
    ticket.refresh_from_db()
    assert ticket.conversation.name == "not saved"

    Ticket.objects.update(conversation=server.world.add("conversation", name="Another"))
    ticket.refresh_from_db()
    assert ticket.conversation.name == "Another"


# -- travelling ----------------------------------------------------------------------------------


def test_instances_are_pickled_with_their_edits_and_without_a_key(
    id_: str, server: Emulator
) -> None:
    ticket = made(conversation=id_)
    ticket.conversation.name = "not saved"

    pickled = pickle.dumps(ticket)
    arrived = pickle.loads(pickled)

    assert server.api_key.encode() not in pickled
    assert arrived.conversation.changes["name"].new == "not saved"
    assert pickle.loads(pickle.dumps(made(conversation=id_))).conversation.name == "Hi"
    assert copy.copy(ticket).conversation_id == id_


def test_fixtures_hold_the_id(id_: str) -> None:
    ticket = made(conversation=id_)
    dumped = serializers.serialize("json", Ticket.objects.all())
    Ticket.objects.all().delete()
    for loaded in serializers.deserialize("json", dumped):
        loaded.save()

    assert f'"conversation": "{id_}"' in dumped
    assert Ticket.objects.get(pk=ticket.pk).conversation_id == id_


def test_dumpdata_and_loaddata(id_: str, tmp_path: Any) -> None:
    ticket, fixture = made(conversation=id_), tmp_path / "tickets.json"
    call_command("dumpdata", "desk.Ticket", output=str(fixture), stdout=StringIO())
    Ticket.objects.all().delete()
    call_command("loaddata", str(fixture), verbosity=0)

    assert Ticket.objects.get(pk=ticket.pk).conversation_id == id_


# -- forms ---------------------------------------------------------------------------------------


class TicketForm(forms.ModelForm):
    class Meta:
        model = Ticket
        fields = ("conversation",)


def test_a_model_form_shows_takes_and_clears_the_id(id_: str) -> None:
    ticket = made(conversation=id_)
    assert f'value="{id_}"' in str(TicketForm(instance=ticket))

    form = TicketForm({"conversation": ""}, instance=ticket)
    assert form.is_valid()
    assert form.save().conversation is None

    form = TicketForm({"conversation": id_}, instance=ticket)
    assert form.is_valid()
    assert form.save().conversation.name == "Hi"


@pytest.mark.parametrize("wrong", ["a/b", "..", "two words", "x" * 256])
def test_a_model_form_tells_what_is_no_id(wrong: str) -> None:
    form = TicketForm({"conversation": wrong})

    assert not form.is_valid()
    assert list(form.errors) == ["conversation"]


def test_a_full_clean_tells_what_is_no_id() -> None:
    ticket = Ticket()
    ticket.conversation_id = "a/b"

    with pytest.raises(ValidationError, match="not an id of Kustomer"):
        ticket.full_clean()


# -- migrations ----------------------------------------------------------------------------------


def test_migrations_name_the_class_by_its_public_path() -> None:
    made_by = "kustomer_orm.contrib.django.RecordField"
    expected: dict[tuple[Any, str], str] = {
        (Ticket, "conversation"): "blank=True, null=True, record='kustomer_orm.Conversation'",
        (
            Ticket,
            "customer",
        ): "blank=True, null=True, record='kustomer_orm.Customer', using='other'",
        (Refund, "conversation"): f"record='{DESK_CONVERSATION}', unique=True",
    }
    for (model, name), arguments in expected.items():
        written, imports = MigrationWriter.serialize(model._meta.get_field(name))
        assert written == f"{made_by}({arguments})"
        assert imports == {"import kustomer_orm.contrib.django"}


def test_what_was_said_of_length_and_index_is_kept() -> None:
    field: Any = RecordField(DeskConversation, max_length=24, db_index=False)
    field.set_attributes_from_name("link")

    _name, _path, args, options = field.deconstruct()

    assert args == []
    assert options == {
        "max_length": 24,
        "db_index": False,
        "record": DESK_CONVERSATION,
    }
    again: Any = RecordField(**options)
    assert again.deconstruct()[1:] == field.deconstruct()[1:]
    assert field.clone().record_class is DeskConversation


def test_a_class_that_is_not_there_is_refused_when_it_is_needed() -> None:
    with pytest.raises(DeclarationError, match="cannot be imported"):
        _ = RecordField("no.such.Record").record_class
