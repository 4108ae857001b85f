"""What is written down of a request, and how ids and look-ups are spelled in its path."""

from __future__ import annotations

import io
import logging
import pickle
import re
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, custom, errors
from kustomer_orm.emulator import Emulator, Fault

CANARY = "canary-7f3a@example.com"


class Chat(Conversation):
    note = custom.Txt()
    paid = custom.Bool()


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage() for record in caplog.records if record.name.startswith("kustomer_orm")
    ]


def test_each_attempt_is_one_line_with_its_number_and_its_end(
    server: Emulator, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    id_ = server.world.add("conversation", name="Hi")
    server.faults.add(Fault.status(503), Fault.cut_before())
    conversation = Conversation.get(id_)
    conversation.name = "Ho"
    conversation.tags.append("vip")
    conversation.save()

    written = [re.sub(r"\d+ ms", "N ms", line) for line in lines(caplog)]
    assert written == [
        f"GET /v1/conversations/{id_} 503 N ms attempt 1",
        f"GET /v1/conversations/{id_} ConnectionError N ms attempt 2",
        f"GET /v1/conversations/{id_} 200 N ms attempt 3",
        f"PATCH /v1/conversations/{id_} 200 N ms attempt 1",
        f"POST /v1/conversations/{id_}/tags 200 N ms attempt 1",
    ]
    assert len(written) == len(server.requests)


def test_the_value_of_a_look_up_is_in_no_line_and_no_error(
    server: Emulator, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Pitfall 95."""
    caplog.set_level(logging.INFO, "kustomer_orm")
    with pytest.raises(errors.NotFoundError) as raised:
        Customer.get_by(email=CANARY)
    assert re.fullmatch(r"GET /v1/customers/email=… 404 \d+ ms attempt 1", lines(caplog)[0])
    assert raised.value.path == "/v1/customers/email=…"
    assert "canary" not in f"{raised.value!r} {vars(raised.value)}"


def failures(server: Emulator) -> list[tuple[Fault | None, Callable[[], object]]]:
    """Everything that can go wrong with a record that is full of secrets."""
    values: dict[str, Any] = {"name": CANARY, "external_id": CANARY, "note": CANARY}
    id_ = server.world.add("conversation", externalId="E-1")
    customer = server.world.add("customer")

    def save() -> object:
        return Chat(id=id_, **values).save()

    def create() -> object:
        return Chat.create(customer=customer, **values)

    shape = {"errors": [{"code": "badparam", "source": {"parameter": "name"}}]}
    statuses = (400, 401, 403, 404, 409, 413, 418, 429, 500, 503)
    found: list[tuple[Fault | None, Callable[[], object]]] = [
        (Fault.status(status, body=shape, times=None), call)
        for status in statuses
        for call in (save, create)
    ]
    found += [
        (Fault.cut_before(times=None), save),
        (Fault.cut_after(times=None), create),
        (Fault.html(502, times=None), save),
        (Fault.html(200, times=None), lambda: Chat.get_by(external_id=CANARY)),
        (Fault.redirect("http://example.com"), save),
        (Fault.truncated_json(times=None), lambda: Chat.get_by(external_id=CANARY)),
        (None, lambda: Chat(name=5 * CANARY * 100)),
        (None, lambda: Chat(status=CANARY)),
        (None, lambda: Chat(paid=CANARY)),
        (None, lambda: Chat(priority=CANARY, paid=CANARY, tags=[CANARY])),
        (None, lambda: Chat(id=f"{CANARY}/..")),
        (None, lambda: Chat.get(f"/{CANARY}")),
        (None, lambda: Chat(custom_note=CANARY)),
        (None, lambda: Chat(id=id_).custom.update({"x": CANARY})),
    ]
    return found


def as_a_reporter_shows(error: BaseException) -> str:
    """Format the library's part of the traceback with its local variables."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    assert trace is not None
    seen = [error, error.__cause__, error.__context__]
    frames = traceback.StackSummary.extract(traceback.walk_tb(trace), capture_locals=True)
    return "".join(frames.format()) + repr(seen)


def test_no_secret_and_no_text_of_a_customer_is_in_any_error_or_log(
    server: Emulator, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Pitfall 95."""
    caplog.set_level(logging.DEBUG)
    shown = io.StringIO()
    for fault, call in failures(server):
        server.faults.clear()
        if fault is not None:
            server.faults.add(fault)
        with pytest.raises(errors.KustomerError) as raised:
            call()
        error = raised.value
        print(error, repr(error), vars(error), error.args, file=shown)
        assert server.api_key.encode() not in pickle.dumps(error)
        assert server.api_key not in as_a_reporter_shows(error)

    everything = shown.getvalue() + "\n".join(lines(caplog))
    assert "canary" not in everything.lower()
    assert server.api_key not in everything + caplog.text


def test_a_warning_about_others_names_attributes_and_shows_no_value(
    server: Emulator, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Pitfall 95."""
    caplog.set_level(logging.DEBUG, "kustomer_orm")
    id_ = server.world.add("conversation", name="Hi", custom={"noteTxt": "old"})
    chat = Chat.get(id_)
    server.world.edit("conversation", id_, name=CANARY, custom={"noteTxt": CANARY})
    chat.note = f"my {CANARY}"
    result = chat.save()
    assert result.others_wrote
    assert "note" in caplog.text
    assert "canary" not in f"{caplog.text} {result!r} {chat!r} {chat.plan()!r}"


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        ("../users/x", "..%2Fusers%2Fx"),
        ("a/b", "a%2Fb"),
        ("a?b=c", "a%3Fb%3Dc"),
        ("a#b", "a%23b"),
        ("100%", "100%25"),
        ("%2E%2E%2F", "%252E%252E%252F"),
        ("a b", "a%20b"),
        ("a,b", "a%2Cb"),
        ("äö€", "%C3%A4%C3%B6%E2%82%AC"),
        ("line\nbreak", "line%0Abreak"),
        ("a;b@c:d", "a%3Bb%40c%3Ad"),
        ("..", ".."),
    ],
)
def test_a_look_up_is_one_segment_whatever_it_holds(
    server: Emulator, client: Client, value: str, spelled: str
) -> None:
    id_ = server.world.add("conversation", externalId=value)
    assert Conversation.get_by(external_id=value).id == id_
    assert server.requests[0].target == f"/v1/conversations/externalId={spelled}"


@pytest.mark.parametrize(
    ("id_", "spelled"),
    [("a:b", "a%3Ab"), ("ä", "%C3%A4"), ("a..b", "a..b")],
)
def test_an_id_is_one_segment_whatever_it_holds(
    server: Emulator, client: Client, id_: str, spelled: str
) -> None:
    server.world.add("conversation", externalId="x", name="another")
    server.world.add("conversation", id=id_, name="Hi")
    conversation = Conversation.get(id_)
    conversation.name = "Ho"
    conversation.tags.append("vip")
    conversation.save()
    conversation.delete()
    assert [each.target for each in server.requests] == [
        f"/v1/conversations/{spelled}",
        f"/v1/conversations/{spelled}",
        f"/v1/conversations/{spelled}/tags",
        f"/v1/conversations/{spelled}",
    ]
    assert len(server.world.ids("conversation")) == 1
