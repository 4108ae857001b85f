"""What a customer does beside being saved: merged, unmasked, and what lies below it."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, CustomerMerge, Masked, errors
from kustomer_orm.emulator import Emulator, Fault


@pytest.fixture
def jane(server: Emulator, client: Client) -> Customer:
    found = Customer.get(server.world.add("customer", name="Jane", emails=[{"email": "j@x.test"}]))
    server.requests.clear()
    return found


def is_hidden(customer: Customer) -> bool:
    name: Any = customer.name
    return isinstance(name, Masked)


def asked(server: Emulator) -> list[str]:
    return [f"{each.method} {each.path}" for each in server.requests]


# -- merging ------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_id", [True, False])
def test_another_customer_goes_into_this_one(
    server: Emulator, jane: Customer, *, as_id: bool
) -> None:
    twin = Customer(id=server.world.add("customer", emails=[{"email": "twin@x.test"}]))
    made = jane.merge(str(twin.id) if as_id else twin)

    assert asked(server) == ["POST /v1/customers/merges"]
    assert server.requests[0].body == {"source": twin.id, "target": jane.id}
    assert (made.status, made.source, made.target) == ("success", twin, jane)
    jane.refresh()
    assert [each["email"] for each in jane.emails] == ["j@x.test", "twin@x.test"]


def test_a_merge_is_asked_about_again(server: Emulator, jane: Customer) -> None:
    made = jane.merge(server.world.add("customer"))
    server.world.put_raw("customer_merge", str(made.id), status="failed")
    made.refresh()

    assert made.status == "failed"
    assert asked(server)[-1] == f"GET /v1/customers/merges/{made.id}"
    assert [each.id for each in jane.merges] == [made.id]


@pytest.mark.parametrize("answer", ["not_found", "deleted"])
def test_what_became_of_the_other_one_is_asked_of_the_server(server: Emulator, answer: str) -> None:
    server.behaviour.merged_away = answer  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    with Client(server.api_key, base_url=server.url, cache=60):
        jane, twin = (Customer.get(server.world.add("customer", name=name)) for name in "ab")
        jane.merge(twin)
        if answer == "not_found":
            with pytest.raises(errors.NotFoundError):
                Customer.get(str(twin.id))
        else:
            assert Customer.get(str(twin.id)).deleted is True


def test_a_merge_whose_answer_was_lost_is_not_sent_twice(server: Emulator, jane: Customer) -> None:
    twin = server.world.add("customer")
    server.faults.add(Fault.cut_after())
    with pytest.raises(errors.OutcomeUnknownError):
        jane.merge(twin)

    assert asked(server) == ["POST /v1/customers/merges"]


def test_a_merge_is_neither_changed_nor_deleted(server: Emulator, jane: Customer) -> None:
    made = jane.merge(server.world.add("customer"))
    server.requests.clear()
    with pytest.raises(errors.ReadOnlyAttributeError):
        made.target = jane
    with pytest.raises(errors.ReadOnlyAttributeError, match="deletes no customer_merge"):
        made.delete()
    with pytest.raises(errors.InvalidValueError, match="target"):
        CustomerMerge.create(source=jane)
    assert server.requests == []


# -- unmasking ----------------------------------------------------------------------------------


def test_in_the_window_the_values_are_there_and_afterwards_they_are_not(
    server: Emulator, client: Client
) -> None:
    server.world.mask("customer", "name")
    jane = Customer.get(server.world.add("customer", name="Jane"))
    assert is_hidden(jane)
    server.requests.clear()

    with jane.unmasked() as same:
        assert same is jane
        assert jane.name == "Jane"
        assert jane.unmasking_window is not None
        jane.name = "Jane Doe"
        jane.save()

    path = f"/v1/customers/{jane.id}"
    assert asked(server) == [
        f"POST {path}/unmasking-windows",
        f"GET {path}",
        f"PATCH {path}",
        f"DELETE {path}/unmasking-windows",
    ]
    assert is_hidden(Customer.get(str(jane.id)))


def test_an_exception_closes_the_window_too(server: Emulator, jane: Customer) -> None:
    with pytest.raises(ZeroDivisionError), jane.unmasked():
        raise ZeroDivisionError

    assert asked(server)[-1] == f"DELETE /v1/customers/{jane.id}/unmasking-windows"


def test_opening_it_keeps_what_was_changed(server: Emulator, jane: Customer) -> None:
    jane.username = "jane"
    jane.unmask()

    assert set(jane.changes) == {"username"}


def test_an_answer_that_shows_a_part_takes_nothing_away(server: Emulator, jane: Customer) -> None:
    """The one published example shows the name, the window and the times."""
    server.faults.add(Fault.partial(["name", "unmaskingWindow"], method="POST"))
    jane.unmask()

    assert [each["email"] for each in jane.emails] == ["j@x.test"]


def test_what_was_read_in_the_window_is_not_kept_in_the_cache(server: Emulator) -> None:
    server.world.mask("customer", "name")
    with Client(server.api_key, base_url=server.url, cache=60):
        jane = Customer.get(server.world.add("customer", name="Jane"))
        with jane.unmasked():
            assert Customer.get(str(jane.id)).name == "Jane"
        assert is_hidden(Customer.get(str(jane.id)))


# -- below it -----------------------------------------------------------------------------------


def test_a_conversation_is_made_below_its_customer(server: Emulator, jane: Customer) -> None:
    made: Conversation = jane.conversations.create(name="Hi")

    assert asked(server) == [f"POST /v1/customers/{jane.id}/conversations"]
    assert server.requests[0].body == {"name": "Hi"}
    assert made.customer == jane
    assert [each.id for each in jane.conversations] == [made.id]


def test_notes_are_only_read_there(server: Emulator, jane: Customer) -> None:
    with pytest.raises(errors.QueryError, match="creates nothing there"):
        jane.notes.create(body="x")
    assert server.requests == []


def test_a_customer_is_deleted(server: Emulator, jane: Customer) -> None:
    jane.delete()

    assert asked(server) == [f"DELETE /v1/customers/{jane.id}"]
    with pytest.raises(errors.NotFoundError):
        jane.refresh()
