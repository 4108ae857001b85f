"""A related record is one of the same organisation, and a link belongs to the id beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, User, custom, errors
from kustomer_orm.emulator import Emulator

pytestmark = pytest.mark.usefixtures("client")

ID = "5f0000000000000000000abc"


class Case(Conversation):
    buyer = custom.Id("customer")
    watchers = custom.Id("user", "watchersId", many=True)


@pytest.fixture
def globex() -> Iterator[Emulator]:
    with Emulator(org="globex") as server:
        for kind in ("customer", "user"):
            server.world.add(kind, id=ID, name=f"{kind} of globex")
        yield server


@pytest.fixture
def theirs(globex: Emulator) -> dict[str, Any]:
    """By attribute, a record of the other organisation; its id is taken here as well."""
    client = Client(globex.api_key, base_url=globex.url, org="globex")
    customer, user = Customer.using(client).get(ID), User.using(client).get(ID)
    return {"customer": customer, "buyer": customer, "assigned_users": [user], "watchers": (user,)}


NAMES = ["customer", "buyer", "assigned_users", "watchers"]


def case_of(server: Emulator, **values: Any) -> Case:
    found = Case.get(server.world.add("conversation", **values))
    server.requests.clear()
    return found


# -- another organisation's ------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_record_of_another_organisation_is_refused(
    server: Emulator, theirs: dict[str, Any], name: str
) -> None:
    case = case_of(server)
    words = rf"{case.id}.*{name}: expected a record of {case.key[0]}, got one of globex"
    with pytest.raises(errors.InvalidValueError, match=words):
        setattr(case, name, theirs[name])
    with pytest.raises(errors.InvalidValueError, match=words):
        case.assign(**{name: theirs[name]})
    assert (case.is_dirty, server.requests) == (False, [])


@pytest.mark.parametrize("name", NAMES)
def test_a_new_record_takes_none_of_another_organisation_either(
    server: Emulator, theirs: dict[str, Any], name: str
) -> None:
    with pytest.raises(errors.InvalidValueError, match="got one of globex"):
        Case(**{name: theirs[name]})


def test_one_of_several_is_enough_to_refuse_a_list(
    server: Emulator, theirs: dict[str, Any]
) -> None:
    mine = User.get(server.world.add("user", name="mine"))
    case = case_of(server)
    with pytest.raises(errors.InvalidValueError, match="got one of globex"):
        case.assigned_users = [mine, "5f00000000000000000000aa", *theirs["assigned_users"]]
    case.assigned_users = [mine, "5f00000000000000000000aa"]
    assert case.is_dirty


def test_a_record_that_came_from_no_client_yet_is_taken(
    server: Emulator, client: Client, globex: Emulator
) -> None:
    customer = Customer.using(client).get(server.world.add("customer"))
    loose = Customer.from_snapshot(customer.snapshot() | {"client": None})
    assert loose.key[0] is None
    case = case_of(server)
    case.customer = loose
    case.save()
    assert server.requests[0].body == {"customer": customer.id}


# -- links -----------------------------------------------------------------------------------------


def test_the_link_of_a_relation_is_not_followed_for_the_id_before_it(server: Emulator) -> None:
    first, second = (server.world.add("sub_status", label=name) for name in ("one", "two"))
    case = case_of(server, subStatus=first)
    case.sub_status = second
    case.save()
    change = case.previous_changes["sub_status"]
    assert (change.old.id, change.new.id) == (first, second)
    server.requests.clear()

    with pytest.raises(errors.NotLoadedError, match="no class says where it is"):
        change.old.refresh()

    assert server.requests == []


def test_the_link_of_a_relation_is_followed_for_its_own_id(server: Emulator) -> None:
    queue = server.world.add("queue", name="one")
    case = case_of(server, queue=queue)
    case.queue = server.world.add("queue", name="two")
    original = case.original("queue")
    assert original["name"] == "one"
    assert [each.path for each in server.requests] == [f"/v1/routing/queues/{queue}"]


# -- shown as a dict -------------------------------------------------------------------------------


def test_a_custom_value_that_does_not_read_does_not_hide_the_others(server: Emulator) -> None:
    id_ = server.world.add("conversation")
    odd = {"refundNum": {"a": [1]}, "dueAt": "soon", "noteTxt": "n", "oddness": [1]}
    server.world.put_raw("conversation", id_, custom=odd)
    case = Case.get(id_)
    raw = case.raw

    shown = case.to_dict()

    assert shown["custom"] == odd
    shown["custom"]["refundNum"]["a"].clear()
    shown["custom"]["oddness"].clear()
    assert (case.raw, case.is_dirty) == (raw, False)
    with pytest.raises(errors.UnreadableValueError):
        _ = case.custom["refundNum"]


def test_what_was_changed_is_shown_beside_what_does_not_read(server: Emulator) -> None:
    id_ = server.world.add("conversation", queue=server.world.add("queue", name="q"))
    server.world.put_raw("conversation", id_, custom={"refundNum": "many", "noteTxt": "n"})
    case: Any = Case.get(id_)
    del case.custom["noteTxt"]
    case.custom["otherStr"] = "o"
    case.buyer = ID
    shown = case.to_dict()
    assert shown["custom"] == {"refundNum": "many", "otherStr": "o"}
    assert (shown["buyer"], shown["queue"]) == (ID, case.queue.id)


@pytest.mark.parametrize("name", ["assigned_users", "watchers"])
def test_what_is_appended_to_a_list_is_refused_before_anything_is_sent(
    server: Emulator, theirs: dict[str, Any], name: str
) -> None:
    case = case_of(server)
    case.name = "a"
    getattr(case, name).append(theirs[name][0])

    with pytest.raises(errors.InvalidValueError, match=f"{name}: .*got one of globex"):
        case.save()

    assert (list(case.changes), server.requests) == (["name", name], [])
