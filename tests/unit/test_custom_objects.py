"""Custom objects: a class for each klass, declared or not."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from kustomer_orm import Client, Company, Customer, KObject, custom, errors
from kustomer_orm.emulator import Emulator, Fault


class Voucher(KObject, klass="voucher"):
    worth = custom.Num("worthNum")


@pytest.fixture(autouse=True)
def klasses(server: Emulator, client: Client) -> None:
    for name in ("voucher", "call-back_request"):
        server.world.add("klass", name=name)


def test_one_class_stands_for_one_klass(server: Emulator) -> None:
    made = Voucher.create(title="V 1", worth=5, data={"a": [1]})
    found = Voucher.get(str(made.id))
    found.worth = 7
    found.save()

    assert (Voucher.klass, Voucher.type) == ("voucher", "kobject.voucher")
    assert [f"{each.method} {each.path}" for each in server.requests] == [
        "POST /v1/klasses/voucher",
        f"GET /v1/klasses/voucher/{made.id}",
        f"PUT /v1/klasses/voucher/{made.id}",
    ]
    assert server.requests[0].body == {
        "title": "V 1",
        "custom": {"worthNum": 5},
        "data": {"a": [1]},
    }
    assert server.requests[2].body == {"custom": {"worthNum": 7}}


def test_data_is_replaced_whole_when_it_was_edited_in_place(server: Emulator) -> None:
    made = Voucher.create(title="V 1", data={"lines": [{"n": 1}], "kept": True})
    data: Any = made.data
    data["lines"].append({"n": 2})
    made.save()

    assert server.requests[-1].body == {"data": {"lines": [{"n": 1}, {"n": 2}], "kept": True}}
    assert not made.is_dirty


def test_a_klass_without_a_class_of_its_own_has_one(server: Emulator) -> None:
    Call = KObject.of("call-back_request")  # noqa: N806 - a class
    made = Call.create(title="Call Jane", external_id="C 1/2")

    assert Call is KObject.of("call-back_request")
    assert Call.path == "/v1/klasses/call-back_request"
    assert Call.get_by(external_id="C 1/2") == made
    assert server.requests[-1].path == "/v1/klasses/call-back_request/externalId=C%201%2F2"
    assert KObject.of("voucher") is Voucher


def test_records_of_an_undeclared_klass_travel(server: Emulator) -> None:
    made = KObject.of("call-back_request").create(title="Call Jane")
    for twin in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
        assert (type(twin), twin, twin.title) == (type(made), made, "Call Jane")


def test_what_is_declared_later_takes_the_place_of_what_was_made() -> None:
    before = KObject.of("declared_later")

    class Later(KObject, klass="declared_later"):
        pass

    assert before is not Later
    assert KObject.of("declared_later") is Later


def test_the_class_of_all_custom_objects_is_none_of_them(server: Emulator) -> None:
    for attempt in (
        lambda: KObject.get("5f0000000000000000000001"),
        KObject.all,
        lambda: KObject.create(title="x"),
        lambda: KObject(title="x").save(),
    ):
        with pytest.raises(errors.DeclarationError, match=r'KObject\.of\("order"\)'):
            attempt()
    assert server.requests == []


@pytest.mark.parametrize("name", ["", "an order", "a/b", "a.b", "..", "x" * 256, None, 5])
def test_what_cannot_be_the_name_of_a_klass_is_refused(name: Any) -> None:
    with pytest.raises(errors.DeclarationError, match="name of a klass"):
        KObject.of(name)
    make: Any = type(KObject)
    if name is not None:
        with pytest.raises(errors.DeclarationError, match="name of a klass"):
            make("Wrong", (KObject,), {}, klass=name)


def test_those_of_a_customer_are_made_and_listed_below_it(server: Emulator) -> None:
    jane = Customer(id=server.world.add("customer"))
    server.world.add("kobject.voucher", title="somebody else's")
    made = jane.kobjects("voucher").create(title="V 1", worth=5)

    assert type(made) is Voucher
    assert server.requests[0].path == f"/v1/customers/{jane.id}/klasses/voucher"
    assert server.requests[0].body == {"title": "V 1", "custom": {"worthNum": 5}}
    assert made.customer == jane
    assert [each.id for each in jane.kobjects("voucher")] == [made.id]
    assert list(jane.kobjects("call-back_request")) == []


def test_those_of_a_company_are_listed_and_not_made_below_it(server: Emulator) -> None:
    company = Company(id=server.world.add("company", name="Lark"))
    made = Voucher.create(title="V 1", company=company)

    assert [each.id for each in company.kobjects("voucher")] == [made.id]
    with pytest.raises(errors.QueryError, match="creates nothing there"):
        company.kobjects("voucher").create(title="V 2")


@pytest.mark.parametrize("name", ["", "a/b", "../x"])
def test_a_collection_of_no_klass_is_refused(server: Emulator, name: str) -> None:
    with pytest.raises(errors.DeclarationError, match="name of a klass"):
        Customer(id="5f0000000000000000000001").kobjects(name)
    assert server.requests == []


def test_customer_and_company_are_set_once(server: Emulator) -> None:
    jane = server.world.add("customer")
    made = Voucher.create(title="V 1", customer=jane)
    with pytest.raises(errors.ReadOnlyAttributeError, match="when the record is created"):
        made.customer = jane


def test_a_creation_whose_answer_was_lost_is_found_by_its_external_id(server: Emulator) -> None:
    server.faults.add(Fault.cut_after())
    made = Voucher.create(title="V 1", external_id="V-1")

    assert len(server.world.ids("kobject.voucher")) == 1
    assert made.id in server.world.ids("kobject.voucher")
