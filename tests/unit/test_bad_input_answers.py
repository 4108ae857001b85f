"""Every answer that is no success: the error it becomes, and what the record is after."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation, custom, errors
from kustomer_orm.emulator import Emulator, Fault

ID = "5f0000000000000000000001"
POD = "Auth token associated with pod prod2 but request is being handled by prod1"


class Ticket(Conversation):
    refund = custom.Num("refundAmountNum")


KINDS: list[tuple[int, type[errors.APIError]]] = [
    (400, errors.BadRequestError),
    (402, errors.BadRequestError),
    (403, errors.PermissionDeniedError),
    (404, errors.NotFoundError),
    (409, errors.ConflictError),
    (410, errors.NotFoundError),
    (413, errors.PayloadTooLargeError),
    (414, errors.BadRequestError),
    (422, errors.BadRequestError),
    (429, errors.RateLimitError),
    (501, errors.OutcomeUnknownError),
    (503, errors.OutcomeUnknownError),
]


def body(shape: str, **facts: str) -> dict[str, Any]:
    if shape == "newer":
        return {"errors": [{"code": "bad_request", "message": "Not like that", "meta": {}}]}
    source = {shape: "/refundAmountNum" if shape == "pointer" else "refundAmountNum"}
    return {
        "errors": [
            {"status": 400, "source": source, "code": "bad_request", "title": "Not like that"}
        ]
    }


@pytest.mark.parametrize("shape", ["parameter", "parameters", "pointer", "newer"])
@pytest.mark.parametrize(("status", "kind"), KINDS)
def test_a_refused_save_keeps_every_change_and_says_what_the_server_said(
    server: Emulator, client: Client, status: int, kind: type[errors.APIError], shape: str
) -> None:
    id_ = server.world.add("conversation", name="Hi", custom={"refundAmountNum": 1})
    ticket = Ticket.get(id_)
    raw = ticket.raw
    ticket.name, ticket.refund = "Ho", 2
    server.faults.add(Fault.status(status, body=body(shape), times=None, method="PATCH"))

    with pytest.raises(kind) as raised:
        ticket.save()

    error = raised.value
    assert type(error) is kind
    assert (error.status, error.method, error.path) == (status, "PATCH", f"/v1/conversations/{id_}")
    assert (error.code, error.details[0].title) == ("bad_request", "Not like that")
    assert "Not like that" in str(error)
    assert list(error.attributes) == ([] if shape == "newer" else ["refund"])
    assert not error.result.requests
    assert ticket.raw == raw
    assert set(ticket.changes) == {"name", "refund"}
    assert ticket.in_doubt == (kind is errors.OutcomeUnknownError)
    assert server.world.get("conversation", id_)["attributes"]["name"] == "Hi"

    server.faults.clear()
    ticket.save()
    assert not ticket.is_dirty
    assert not ticket.in_doubt


@pytest.mark.parametrize("shape", ["recorded", "newer"])
@pytest.mark.parametrize(
    ("status", "kind"), [*KINDS[:-2], (500, errors.ServerError), (501, errors.ServerError)]
)
def test_a_read_that_fails_is_an_error_of_the_same_tree(
    server: Emulator, client: Client, status: int, kind: type[errors.APIError], shape: Any
) -> None:
    server.behaviour.error_shape = shape
    server.faults.add(Fault.status(status, times=None))
    with pytest.raises(kind) as raised:
        Ticket.get(ID)
    assert type(raised.value) is kind
    assert raised.value.status == status
    assert raised.value.details[0].code
    assert raised.value.details[0].title


def test_real_refusals_name_the_attribute_by_its_python_name(
    server: Emulator, client: Client
) -> None:
    ticket = Ticket.get(server.world.add("conversation"))
    server.world.put_raw("conversation", str(ticket.id), rev=1)
    ticket.custom["otherStr"] = "x"
    ticket.external_id = "E-1"
    server.world.add("conversation", externalId="E-1")
    with pytest.raises(errors.ConflictError) as raised:
        ticket.save()
    assert list(raised.value.attributes) == ["external_id"]
    shape = {"errors": [{"code": "badparam", "source": {"parameter": "otherStr"}}]}
    server.faults.add(Fault.status(400, body=shape))
    with pytest.raises(errors.BadRequestError) as refused:
        ticket.save()
    assert list(refused.value.attributes) == ["custom.otherStr"]


def test_a_missing_or_mistyped_key_is_an_authentication_error(server: Emulator) -> None:
    for key in ("wrong", f"{server.api_key}x", server.api_key.lower()):
        client = Client(key, base_url=server.url)
        ticket = Ticket.using(client).new(customer=ID)
        with pytest.raises(errors.AuthenticationError, match="mistyped, expired") as raised:
            ticket.save()
        assert type(raised.value) is errors.AuthenticationError
        assert key not in str(raised.value)
        assert ticket.is_dirty
        assert not ticket.in_doubt
    methods = [(each.method, each.path) for each in server.requests]
    assert methods == [("POST", "/v1/conversations"), ("GET", "/v1/auth/tokens/current")] * 3


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("shape", ["recorded", "newer"])
def test_a_missing_role_is_told_from_a_wrong_key(
    server: Emulator, client: Client, status: Any, shape: Any
) -> None:
    server.behaviour.missing_role_status = status
    server.behaviour.error_shape = shape
    server.behaviour.roles = {"org.permission.conversation.read"}
    ticket = Ticket.get(server.world.add("conversation", name="Hi"))
    ticket.name = "Ho"
    with pytest.raises(errors.PermissionDeniedError) as raised:
        ticket.save()
    assert raised.value.status == status
    assert "role" in str(raised.value)
    assert ticket.changes == {"name": ("Hi", "Ho")}


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("shape", ["recorded", "newer"])
def test_a_key_of_another_region_is_told_where_to_go(
    server: Emulator, client: Client, status: int, shape: Any
) -> None:
    server.behaviour.token_pod = "prod2"
    server.behaviour.wrong_pod_status = status
    server.behaviour.error_shape = shape
    with pytest.raises(errors.WrongRegionError, match=r"https://api\.prod2\.kustomerapp\.com"):
        Ticket.get(ID)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"<html>Please sign in</html>",
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"NaN",
        b'{"data": {"type": "conversation", "id"',
        b'{"data": {"attributes": {"rev": NaN}}}',
        b"\xff\xfe\x00",
        b"[" * 5000,
        b'{"a":' * 5000,
    ],
)
def test_a_success_that_is_not_json_is_no_record_and_no_failed_save(
    server: Emulator, client: Client, content: bytes
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    ticket = Ticket.get(id_)
    server.faults.add(Fault.status(200, body=content, times=None))
    with pytest.raises(errors.UnexpectedAnswerError, match="base_url") as raised:
        Ticket.get(id_)
    assert raised.value.status == 200
    ticket.name = "Ho"
    with pytest.raises(errors.UnexpectedAnswerError):
        ticket.refresh()
    assert ticket.changes == {"name": ("Hi", "Ho")}

    server.faults.clear()
    json = {"Content-Type": "application/json"}
    server.faults.add(Fault.status(200, body=content, headers=json))
    result = ticket.save()
    assert not result.confirmed
    assert (ticket.name, ticket.rev, ticket.is_dirty) == ("Ho", None, False)


def test_a_success_that_is_a_page_of_somebody_elses_keeps_every_change(
    server: Emulator, client: Client
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    ticket = Ticket.get(id_)
    ticket.name = "Ho"
    server.faults.add(Fault.html(200, method="PATCH"))

    with pytest.raises(errors.OutcomeUnknownError, match="in doubt"):
        ticket.save()

    assert ticket.in_doubt
    assert ticket.changes == {"name": ("Hi", "Ho")}
    assert server.world.get("conversation", id_)["attributes"]["name"] == "Hi"
    assert ticket.save().sent == {"name": "Ho"}
    assert server.world.get("conversation", id_)["attributes"]["name"] == "Ho"


@pytest.mark.parametrize("foreign", [{"type": "message"}, {"id": ID}])
def test_a_save_that_is_answered_with_another_record_takes_nothing_from_it(
    server: Emulator, client: Client, foreign: dict[str, str]
) -> None:
    def bend(document: Any) -> Any:
        document["data"] |= foreign
        document["data"]["attributes"] = {"name": "of another", "rev": 9}
        return document

    ticket = Ticket.get(server.world.add("conversation", name="Hi"))
    ticket.name = "Ho"
    server.faults.add(Fault.answer(bend, method="PATCH"))
    assert not ticket.save().confirmed
    assert (ticket.name, ticket.rev, ticket.is_dirty) == ("Ho", None, False)


@pytest.mark.parametrize("status", [400, 404, 502])
@pytest.mark.parametrize(
    "content",
    [
        "<html>Error</html>" * 5000,
        "",
        "null",
        "[]",
        '{"errors": null}',
        '{"errors": {"code": "x"}}',
        '{"errors": [null, 5, "text", []]}',
        '{"errors": [{"code": {"a": 1}, "title": [1], "source": "x"}]}',
        '{"errors": [{"source": {"parameter": ["a"]}, "status": "400"}]}',
        '{"errors": "text"}',
    ],
)
def test_an_error_page_of_any_shape_is_a_short_error_of_ours(
    server: Emulator, client: Client, status: int, content: str
) -> None:
    kinds: dict[int, type[errors.APIError]] = {
        400: errors.BadRequestError,
        404: errors.NotFoundError,
        502: errors.ServerError,
    }
    server.faults.add(Fault.status(status, body=content, times=None))
    with pytest.raises(kinds[status]) as raised:
        Ticket.get(ID)
    assert len(str(raised.value)) < 400
    assert "<html>" not in str(raised.value)
    assert raised.value.attributes == {}


def test_a_body_that_is_too_large_for_the_api_is_refused_by_it_and_kept(
    server: Emulator, client: Client
) -> None:
    ticket = Ticket.get(server.world.add("conversation"))
    values = {f"n{number}Str": "x" * 1024 for number in range(99)}
    ticket.custom.update(values)
    ticket.name = "x" * 256
    with pytest.raises(errors.PayloadTooLargeError, match="100 kB"):
        ticket.save()
    assert len(ticket.changes) == 100
    for half in (list(values)[:50], list(values)[50:]):
        ticket.save(only=[f"custom.{key}" for key in half])
    assert list(ticket.changes) == ["name"]


def test_a_later_request_of_one_save_fails_and_what_went_before_is_clean(
    server: Emulator, client: Client
) -> None:
    id_ = server.world.add("conversation", name="Hi", tags=["vip"])
    ticket = Ticket.get(id_)
    other = server.world.add("customer")
    ticket.customer = other
    ticket.tags.append("refund")
    ticket.name = "Ho"
    server.faults.add(Fault.status(403, path="*/tags"))

    with pytest.raises(errors.PermissionDeniedError) as raised:
        ticket.save()

    assert set(ticket.changes) == {"tags", "customer"}
    assert [request.body for request in raised.value.result.requests] == [{"name": "Ho"}]
    assert (ticket.name, ticket.rev) == ("Ho", 2)
    server.requests.clear()
    ticket.save()
    assert [each.body for each in server.requests] == [["refund"], {"customer": other}]
    assert not ticket.is_dirty


def test_a_delete_that_fails_leaves_the_record_usable(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation", name="Hi")
    ticket = Ticket.get(id_)
    ticket.name = "Ho"
    server.faults.add(Fault.status(403))
    with pytest.raises(errors.PermissionDeniedError):
        ticket.delete()
    ticket.save()
    assert server.world.get("conversation", id_)["attributes"]["name"] == "Ho"


def test_a_limit_tells_when_to_come_back(server: Emulator, client: Client, fake_time: Any) -> None:
    headers = {"X-Ratelimit-Reset": str(int(fake_time.now) + 600)}
    server.faults.add(Fault.status(429, headers=headers))
    with pytest.raises(errors.RateLimitError) as raised:
        Ticket.get(ID)
    assert raised.value.retry_after == pytest.approx(600)
