"""What an organisation declares of its attributes: read, changed, enforced, masked."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from kustomer_orm.emulator import Emulator

Send = Callable[..., requests.Response]

MASK = {"isMasked": True, "maskedPresentation": "********"}
TREE = {
    "children": [
        {"id": "delivery", "displayName": "Delivery", "children": [{"id": "late"}]},
        {"id": "other", "displayName": "Other"},
    ]
}


@pytest.fixture
def ident(server: Emulator) -> str:
    return server.world.add("conversation", name="Hi")


def properties(send: Send, resource: str) -> dict[str, Any]:
    answer = send("GET", f"metadata/{resource}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()["data"]["attributes"]["properties"]
    return found


@pytest.fixture
def checked(server: Emulator) -> None:
    server.behaviour.enforce_metadata = True


def custom(send: Send, ident: str, **values: Any) -> requests.Response:
    return send("PUT", f"conversations/{ident}", json={"custom": values})


@pytest.mark.parametrize("resource", ["company", "conversation", "customer", "message"])
def test_a_resource_without_declarations_has_empty_metadata(send: Send, resource: str) -> None:
    data = send("GET", f"metadata/{resource}").json()["data"]

    assert (data["type"], data["id"]) == ("metadata", resource)
    assert data["attributes"] == {"properties": {}}
    assert data["links"] == {"self": f"/v1/metadata/{resource}"}


def test_a_klass_has_metadata_once_it_is_there(server: Emulator, send: Send) -> None:
    assert send("GET", "metadata/kobject.order").status_code == 404

    server.world.add("klass", name="order")

    assert properties(send, "kobject.order") == {}


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("resource", ["note", "kobject.", "klass.order", "orders"])
def test_what_has_no_metadata_is_not_found(send: Send, method: str, resource: str) -> None:
    assert send(method, f"metadata/{resource}", json={}).status_code == 404


@pytest.mark.parametrize(
    ("name", "type_", "shown"),
    [
        ("totalOrdersNum", "number", "Total Orders"),
        ("shopifyCustomerIdNum", "number", "Shopify Customer Id"),
        ("nameStr", "string", "Name"),
        ("ordersId", "string", "Orders"),
        ("dueAt", "date", "Due"),
        ("vipBool", "boolean", "Vip"),
    ],
)
def test_type_and_name_to_show_have_defaults(send: Send, name: str, type_: str, shown: str) -> None:
    answer = send("PUT", "metadata/customer", json={"properties": {name: {}}})

    assert answer.status_code == 200
    declared = answer.json()["data"]["attributes"]["properties"][name]
    assert (declared["type"], declared["displayName"]) == (type_, shown)
    assert declared["modifiedAt"] == declared["updatedAt"] == "2026-03-01T12:00:00.000Z"


def test_what_is_not_named_stays(server: Emulator, send: Send) -> None:
    server.world.describe("customer", oldStr={"enumeration": ["a"]}, otherNum={})

    send("PUT", "metadata/customer", json={"properties": {"oldStr": {"displayName": "Old!"}}})

    declared = properties(send, "customer")
    assert list(declared) == ["oldStr", "otherNum"]
    assert declared["oldStr"]["displayName"] == "Old!"
    assert declared["oldStr"]["enumeration"] == ["a"]
    assert declared["oldStr"]["modifiedBy"] == server.world.machine_user


def test_a_colleague_takes_a_declaration_away(server: Emulator, send: Send) -> None:
    server.world.describe("customer", oldStr={}, otherNum={})
    server.world.describe("customer", oldStr=None)

    assert list(properties(send, "customer")) == ["otherNum"]


@pytest.mark.parametrize(
    "body",
    [
        {"nonsense": 1},
        {"properties": {"odd": {}}},
        {"properties": {"aStr": 1}},
        {"properties": {f"n{n}Num": {} for n in range(101)}},
        {"validations": ["x"]},
        {"relationships": {str(n): {} for n in range(21)}},
        [],
    ],
)
def test_a_body_that_is_not_as_declared_is_refused(send: Send, body: Any) -> None:
    assert send("PUT", "metadata/customer", json=body).status_code == 400
    assert properties(send, "customer") == {}


def test_options_that_nobody_saw_are_kept(send: Send) -> None:
    send("PUT", "metadata/customer", json={"properties": {"aStr": {"groups": ["x"]}}})

    assert properties(send, "customer")["aStr"]["groups"] == ["x"]


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [("org.user.metadata.read", 200, 401), ("org.permission.metadata.update", 401, 200)],
)
def test_roles_open_reading_and_writing(
    server: Emulator, send: Send, role: str, reads: int, writes: int
) -> None:
    server.behaviour.roles = [role]

    assert send("GET", "metadata/customer").status_code == reads
    assert send("PUT", "metadata/customer", json={"properties": {}}).status_code == writes


# -- values against their declarations -----------------------------------------------------------


@pytest.mark.usefixtures("checked")
def test_an_enumeration_takes_its_words_only(server: Emulator, send: Send, ident: str) -> None:
    server.world.describe("conversation", outcomeStr={"enumeration": ["refunded", "ok"]})

    assert custom(send, ident, outcomeStr="refunded").status_code == 200
    assert custom(send, ident, outcomeStr=None).status_code == 200
    refused = custom(send, ident, outcomeStr="Refunded")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["source"] == {"parameter": "outcomeStr"}


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("delivery", {}, 200),
        ("delivery.late", {}, 200),
        ("late", {}, 400),
        ("delivery", {"lastNodeRequired": True}, 400),
        ("delivery.late", {"lastNodeRequired": True}, 200),
        ("other", {"lastNodeRequired": True}, 200),
    ],
)
@pytest.mark.usefixtures("checked")
def test_a_tree_takes_the_paths_of_its_nodes(
    server: Emulator, send: Send, ident: str, path: str, options: dict[str, bool], status: int
) -> None:
    server.world.describe("conversation", reasonTree={"tree": TREE, **options})

    assert custom(send, ident, reasonTree=path).status_code == status


@pytest.mark.usefixtures("checked")
def test_a_target_must_exist_and_be_of_its_type(server: Emulator, send: Send, ident: str) -> None:
    server.world.add("klass", name="order")
    order = server.world.add("kobject.order", title="Order")
    server.world.describe("conversation", orderId={"target": "kobject.order"})

    assert custom(send, ident, orderId=order).status_code == 200
    assert custom(send, ident, orderId=ident).status_code == 400
    assert custom(send, ident, orderId=[order]).status_code == 400


@pytest.mark.usefixtures("checked")
def test_several_targets_are_a_list(server: Emulator, send: Send, ident: str) -> None:
    user = server.world.add("user", name="Ada")
    server.world.describe("conversation", helpersId={"target": "user", "multi": True})

    assert custom(send, ident, helpersId=[user]).status_code == 200
    assert custom(send, ident, helpersId=user).status_code == 400
    assert custom(send, ident, helpersId=["f" * 24]).status_code == 400


@pytest.mark.usefixtures("checked")
def test_an_id_needs_a_declaration(server: Emulator, send: Send, ident: str) -> None:
    user = server.world.add("user", name="Ada")
    assert custom(send, ident, helperId=user).status_code == 400
    assert custom(send, ident, helperId=None).status_code == 200
    server.world.describe("conversation", helperId={"target": "user"})
    assert custom(send, ident, helperId=user).status_code == 200


# -- sensitive attributes ------------------------------------------------------------------------


def test_a_sensitive_attribute_is_masked_as_soon_as_it_is_declared(
    server: Emulator, send: Send
) -> None:
    ident = server.world.add("conversation", custom={"passportStr": "X1", "otherStr": "Y"})

    for enabled, seen in ((True, MASK), (False, "X1")):
        body = {"properties": {"passportStr": {"sensitive": {"enabled": enabled}}}}
        assert send("PUT", "metadata/conversation", json=body).status_code == 200
        shown = send("GET", f"conversations/{ident}").json()["data"]["attributes"]["custom"]
        assert shown == {"passportStr": seen, "otherStr": "Y"}


def test_a_key_with_the_permission_reads_what_is_sensitive(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation", custom={"passportStr": "X1"})
    server.world.describe("conversation", passportStr={"sensitive": {"enabled": True}})
    server.behaviour.reads_sensitive = True

    shown = send("GET", f"conversations/{ident}").json()["data"]["attributes"]["custom"]

    assert shown == {"passportStr": "X1"}


def test_standard_attributes_follow_the_one_they_are_made_of(server: Emulator, send: Send) -> None:
    ident = server.world.add("customer", name="Nora Whitfield", externalId="crm-1")
    body = {"standardProperties": {"name": {"sensitive": {"enabled": True}}}}

    answer = send("PUT", "metadata/customer", json=body)

    assert answer.json()["data"]["attributes"]["standardProperties"] == body["standardProperties"]
    shown = send("GET", f"customers/{ident}").json()["data"]["attributes"]
    names = ("name", "firstName", "lastName", "displayName")
    assert [shown[name] for name in names] == [MASK] * 4
    assert shown["externalId"] == "crm-1"
