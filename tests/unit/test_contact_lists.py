"""Emails, phones and the like: lists of objects of which the API shows more than it takes."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Customer, errors
from kustomer_orm.emulator import Emulator, Fault

SHOWN = {"email": "a@example.com", "type": "home", "verified": True, "id": None}


@pytest.fixture
def jane(server: Emulator, client: Client) -> Customer:
    id_ = server.world.add("customer", name="Jane")
    server.world.put_raw("customer", id_, emails=[{**SHOWN, "externalVerified": False, "new": 7}])
    found = Customer.get(id_)
    server.requests.clear()
    return found


def sent(server: Emulator) -> Any:
    (request,) = server.requests
    return request.body


def test_appending_sends_what_the_api_takes_of_the_loaded_ones(
    server: Emulator, jane: Customer
) -> None:
    jane.emails.append({"email": "b@example.com"})
    jane.save()

    assert sent(server) == {
        "emails": [
            {"email": "a@example.com", "type": "home", "verified": True},
            {"email": "b@example.com"},
        ]
    }
    assert not jane.is_dirty


def test_reading_shows_what_the_api_shows(jane: Customer) -> None:
    assert jane.emails == [{**SHOWN, "externalVerified": False, "new": 7}]
    assert not jane.is_dirty
    assert jane.save().requests == ()


def test_a_member_edited_in_place_goes_without_the_rest(server: Emulator, jane: Customer) -> None:
    jane.emails[0]["type"] = "work"
    jane.save()

    assert sent(server)["emails"] == [{"email": "a@example.com", "type": "work", "verified": True}]


@pytest.mark.parametrize("key", ["id", "externalVerified", "new", "nonsense"])
def test_a_change_of_what_is_only_shown_is_refused(
    server: Emulator, jane: Customer, key: str
) -> None:
    jane.emails[0][key] = "x"
    with pytest.raises(errors.InvalidValueError, match="emails"):
        jane.save()

    assert server.requests == []
    assert jane.is_dirty


def test_elements_of_another_customer_may_be_taken_over(server: Emulator, jane: Customer) -> None:
    joe = Customer.get(server.world.add("customer", emails=[{"email": "joe@example.com"}]))
    server.requests.clear()
    jane.emails = [*jane.emails, *joe.emails]
    jane.save()

    emails = sent(server)["emails"]
    assert [set(each) - {"email", "type", "verified"} for each in emails] == [set(), set()]
    assert [each["email"] for each in emails] == ["a@example.com", "joe@example.com"]


def test_a_null_that_is_shown_of_an_unset_member_is_not_sent(
    server: Emulator, client: Client
) -> None:
    id_ = server.world.add("customer")
    server.world.put_raw("customer", id_, phones=[{"phone": "+1555123456", "type": None}])
    found = Customer.get(id_)
    server.requests.clear()
    found.phones.append({"phone": "+1555123457", "type": "work"})
    found.save()

    assert sent(server)["phones"][0] == {"phone": "+1555123456"}


def test_a_word_that_the_api_added_later_goes_back_as_it_came(
    server: Emulator, client: Client
) -> None:
    id_ = server.world.add("customer")
    stored = {"phone": "+1555123456", "type": "satellite"}
    server.world.put_raw("customer", id_, phones=[stored])
    found = Customer.get(id_)
    found.phones.append({"phone": "+1555123457"})

    assert found.plan().requests[0].body["phones"] == [stored, {"phone": "+1555123457"}]


def test_the_order_of_keys_makes_no_other_element(jane: Customer) -> None:
    one, same = (
        {"email": "a@example.com", "type": "home"},
        {"type": "home", "email": "a@example.com"},
    )
    with pytest.raises(errors.InvalidValueError, match="no item twice"):
        jane.emails = [one, same]


def test_a_list_with_a_masked_value_in_it_is_not_sent(server: Emulator, client: Client) -> None:
    mask = {"isMasked": True, "maskedPresentation": "****"}
    id_ = server.world.add("customer")
    for stored in ([mask, {"email": "b@example.com"}], [{"email": mask, "type": "home"}]):
        server.world.put_raw("customer", id_, emails=stored)
        found = Customer.get(id_)
        server.requests.clear()
        assert (found.emails, found.is_dirty) == (stored, False)
        found.emails.append({"email": "c@example.com"})
        with pytest.raises(errors.InvalidValueError, match="masked"):
            found.save()
        found.restore()
        found.emails = [{"email": "new@example.com"}]
        assert found.plan().requests[0].body == {"emails": [{"email": "new@example.com"}]}
        assert server.requests == []


def test_a_whatsapp_number_is_the_same_with_the_prefix_that_it_is_shown_with(
    server: Emulator, client: Client
) -> None:
    jane = Customer.create(name="Jane", whatsapps=[{"phone": "+1555123456", "verified": False}])
    shown = server.world.get("customer", str(jane.id))["attributes"]["whatsapps"]
    assert [each["phone"] for each in shown] == ["whatsapp:+1555123456"]
    assert [each["phone"] for each in jane.whatsapps] == ["+1555123456"]
    assert not jane.is_dirty
    server.requests.clear()

    jane.whatsapps.append({"phone": "whatsapp:+1555123457"})
    assert not jane.save().adjusted

    assert [each["phone"] for each in sent(server)["whatsapps"]] == ["+1555123456", "+1555123457"]


def test_an_address_that_somebody_added_meanwhile_is_told_of(
    server: Emulator, jane: Customer
) -> None:
    jane.emails.append({"email": "mine@example.com"})
    theirs = [{"email": "a@example.com"}, {"email": "theirs@example.com"}]
    server.world.edit("customer", str(jane.id), emails=theirs)
    with pytest.raises(errors.ConflictError) as caught:
        jane.save(conflict="careful")

    assert list(caught.value.fields) == ["emails"]
    assert [each["email"] for each in jane.emails][-1] == "mine@example.com"


def test_a_copied_list_in_doubt_is_settled_by_what_the_server_holds(
    server: Emulator, jane: Customer
) -> None:
    jane.emails.append({"email": "b@example.com"})
    server.faults.add(*(Fault.cut_after() for _ in range(9)))
    with pytest.raises(errors.APIError):
        jane.save()
    server.faults.clear()
    jane.save()

    assert not jane.is_dirty
    stored = server.world.get("customer", str(jane.id))["attributes"]["emails"]
    assert [each["email"] for each in stored] == ["a@example.com", "b@example.com"]
