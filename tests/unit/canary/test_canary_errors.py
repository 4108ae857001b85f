"""No error shows the planted token or text: not in words, facts, chain, traceback or pickle."""

from __future__ import annotations

import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from kustomer_orm import Customer
from kustomer_orm.emulator import Fault
from kustomer_orm.errors import APIError, KustomerError
from tests.unit.canary.canary_world import (
    MAIL,
    TEXT,
    UNKNOWN_ID,
    Planted,
    Ticket,
    World,
    assert_no_token,
    assert_silent,
)


def problem(**words: Any) -> dict[str, Any]:
    entry = {"status": 400, "code": "badparam", "title": "Invalid", **words}
    return {"errors": [entry]}


def save_named(world: World) -> None:
    world.edited(lambda r: r.assign(name=TEXT + " new", note=TEXT + " note")).save()


def deleted_with_a_tag_more(record: Planted) -> None:
    record.tags.append(f"{TEXT} more")
    Planted(id=record.id).delete()


def stopped(world: World) -> World:
    world.server.stop()
    return world


def save_answered(world: World, status: int, body: Any) -> None:
    record = world.record()
    record.name = TEXT + " new"
    world.failing(Fault.status(status, body=body, method="PATCH", times=None))
    record.save()


def second_step_fails(world: World) -> None:
    record = world.record()
    record.name = TEXT + " new"
    record.tags.append(TEXT + " three")
    world.failing(Fault.status(503, method="POST", times=None))
    record.save()


def unreadable(world: World, value: Any, name: str = "due") -> None:
    key = getattr(Planted, name).key
    world.server.world.put_raw("conversation", world.id, custom={key: value})
    getattr(world.record(), name)


def other_record(world: World) -> None:
    def change(document: Any) -> Any:
        document["data"]["id"] = TEXT
        document["data"]["type"] = TEXT
        return document

    world.failing(Fault.answer(change))
    world.record()


def create_cut(world: World) -> None:
    world.failing(Fault.cut_after(method="POST", times=None))
    world.failing(Fault.cut_before(method="GET", times=None))
    Planted.create(customer=world.customer, name=TEXT, external_id=f"{TEXT}-3", note=TEXT)


def wrong(**values: Any) -> dict[str, Any]:
    """Hide from the type checkers that these arguments are wrong."""
    return values


def snapshot_of(world: World, **changed: Any) -> None:
    Planted.from_snapshot({**world.record().snapshot(), **changed})


Case = Callable[[World], object]

BAD_VALUES: dict[str, Case] = {
    "too long": lambda w: setattr(w.record(), "name", TEXT * 100),
    "no text": lambda w: setattr(w.record(), "name", [TEXT]),
    "no choice": lambda w: setattr(w.record(), "order_number", TEXT),
    "no status": lambda w: setattr(w.record(), "status", TEXT),
    "no number": lambda w: setattr(w.record(), "refund", TEXT),
    "no instant": lambda w: setattr(w.record(), "due", TEXT),
    "no bool": lambda w: setattr(w.record(), "is_vip", TEXT),
    "no url": lambda w: setattr(w.record(), "site", TEXT),
    "no path": lambda w: setattr(w.record(), "reason", {TEXT: TEXT}),
    "no id": lambda w: setattr(w.record(), "buyer", f"{TEXT} /"),
    "no tags": lambda w: setattr(w.record(), "tags", [TEXT, f"*{TEXT}"]),
    "twice": lambda w: setattr(w.record(), "tags", [TEXT, TEXT]),
    "no snooze": lambda w: setattr(w.record(), "snooze", {"status": TEXT}),
    "no member": lambda w: setattr(w.record(), "sentiment", {"polarity": TEXT, "confidence": 1}),
    "not JSON": lambda w: setattr(Ticket(), "extra", {"a": object(), "b": TEXT}),
    "no suffix": lambda w: w.record().custom.__setitem__("nothing", TEXT),
    "undeclared": lambda w: w.record().custom.__setitem__("otherNum", TEXT),
    "several": lambda w: w.record().assign(due=TEXT, refund=TEXT, status=TEXT),
    "edited": lambda w: w.edited(lambda r: r.tags.append(TEXT * 9)).save(),
    "edited deep": lambda w: Ticket(extra={TEXT: {TEXT}}),
    "surrogate": lambda w: setattr(w.record(), "name", TEXT + "\ud800"),
    "naive": lambda w: setattr(w.record(), "due", datetime(2026, 1, 1)),  # noqa: DTZ001
    "new": lambda w: Planted(customer=w.customer, due=TEXT),
    "id of a path": lambda w: Planted.get(f"{TEXT}/../x"),
    "ids of a path": lambda w: Planted.get_many([f"{TEXT}?x"]),
    "look-up of another kind": lambda w: Planted.get_by(**wrong(external_id=[TEXT])),
    "read-only": lambda w: setattr(w.record(), "preview", TEXT),
    "no such attribute": lambda w: setattr(w.record(), "nmae", TEXT),
    "another type": lambda w: setattr(w.record(), "customer", w.record()),
    "snapshot of another": lambda w: snapshot_of(w, type=TEXT),
    "snapshot without sense": lambda w: snapshot_of(w, extent=TEXT),
    "snapshot without edits": lambda w: snapshot_of(w, edits=TEXT),
    "unreadable": lambda w: unreadable(w, TEXT),
    "unreadable number": lambda w: unreadable(w, TEXT, "refund"),
    "unreadable text": lambda w: unreadable(w, {"a": TEXT}, "note"),
    "conflict mode": lambda w: w.record().save(conflict=TEXT),
    "refresh mode": lambda w: w.record().refresh(**wrong(local=TEXT)),
    "unsaved": lambda w: w.edited(lambda r: r.assign(name=TEXT * 2)).refresh("raise"),
}

ANSWERS: dict[str, Case] = {
    "400": lambda w: save_answered(w, 400, problem(title=f"Invalid {TEXT} new")),
    "400 in detail": lambda w: save_answered(w, 400, problem(detail=f"got '{TEXT} new'")),
    "400 newer": lambda w: save_answered(
        w, 400, {"errors": [{"code": "bad_request", "message": f"{TEXT} new is taken", "meta": {}}]}
    ),
    "400 long": lambda w: save_answered(w, 400, problem(title="x" * 190 + f"{TEXT} new")),
    "400 text": lambda w: save_answered(w, 400, f"{TEXT} new is wrong"),
    "409": lambda w: save_answered(w, 409, problem(title=f"duplicate {TEXT} new")),
    "429": lambda w: save_answered(w, 429, problem(title=f"too much {TEXT} new")),
    "401 token": lambda w: save_answered(w, 401, problem(title=f"bad {w.server.api_key}")),
    "403 token": lambda w: save_answered(w, 403, f"no role for {w.server.api_key}"),
    "400 token": lambda w: save_answered(
        w, 400, problem(source={"parameter": w.server.api_key}, code=w.server.api_key)
    ),
    "500": lambda w: save_answered(w, 500, problem(title=f"{TEXT} new broke it")),
    "502 HTML": lambda w: save_answered(w, 502, f"<html>{TEXT} {w.server.api_key}</html>"),
    "404": lambda w: Planted.get(UNKNOWN_ID),
    "404 look-up": lambda w: Planted.get_by(external_id=f"{TEXT}-nobody"),
    "404 look-up echoed": lambda w: w.failing(
        Fault.status(404, body=problem(title=f"no {TEXT} & co"))
    ).found_by(f"{TEXT} & co"),
    "404 customer": lambda w: Customer.get_by(email=f"nobody-{MAIL}"),
    "404 tags": lambda w: w.edited(deleted_with_a_tag_more).save(),
    "refused by the emulator": lambda w: w.edited(
        lambda r: r.custom.update({"otherId": TEXT})
    ).save(),
    "list instead": lambda w: w.failing(Fault.answer(lambda d: [TEXT])).record(),
    "another record": other_record,
    "truncated": lambda w: w.failing(Fault.truncated_json(times=None)).record(),
    "HTML": lambda w: w.failing(Fault.html(200, times=None)).record(),
    "redirect": lambda w: w.failing(Fault.redirect(f"http://{TEXT}.example/")).record(),
    "redirect of a write": lambda w: save_named(
        w.failing(Fault.redirect(f"/v1/{TEXT}", method="PATCH"))
    ),
    "cut before": lambda w: save_named(w.failing(Fault.cut_before(method="PATCH", times=None))),
    "cut after": lambda w: save_named(w.failing(Fault.cut_after(method="PATCH", times=None))),
    "cut inside": lambda w: w.failing(Fault.cut_inside(method="GET", times=None)).record(),
    "cut at a look-up": lambda w: w.failing(Fault.cut_before(times=None)).found_by(TEXT),
    "creation cut": create_cut,
    "second step": second_step_fails,
    "server stopped": lambda w: stopped(w).record(),
}


@pytest.mark.parametrize(
    "case", [*BAD_VALUES.values(), *ANSWERS.values()], ids=[*BAD_VALUES, *ANSWERS]
)
def test_no_error_shows_a_canary(world: World, case: Case) -> None:
    with (
        warnings.catch_warnings(record=True, action="always") as warned,
        pytest.raises(KustomerError) as caught,
    ):
        case(world)

    for error in chain(caught.value):
        assert isinstance(error, KustomerError), f"{type(error).__name__} stands behind it"
        assert_silent(world, error, *error.args, *vars(error).values())
        assert_silent(world, *getattr(error, "details", ()), *getattr(error, "errors", ()))
        packed = pickle.dumps(error).decode("latin-1")
        assert_no_token(world.server, packed)
        assert TEXT not in packed, "the pickle of the error holds the text"
    messages = [line for line in traceback.format_exception(caught.value) if "File " not in line]
    assert_silent(world, *messages, *[str(each.message) for each in warned])


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """List an error, all that stands behind it, and all that it collects."""
    waiting, seen = [error], set()
    while waiting:
        found = waiting.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        waiting += [found.__cause__, found.__context__, *getattr(found, "errors", ())]


def test_what_the_server_said_is_shown_less_what_was_sent(world: World) -> None:
    with pytest.raises(APIError) as caught:
        save_answered(world, 400, problem(title=f"Invalid '{TEXT} new', try another"))

    assert "Invalid '…', try another" in str(caught.value)


def test_short_words_are_shown_as_the_server_said_them(world: World) -> None:
    record = world.record()
    record.status = "done"
    body = problem(title="No way to be done", source={"parameter": "status"})
    world.failing(Fault.status(400, body=body, method="PATCH"))
    with pytest.raises(APIError) as caught:
        record.save()

    assert list(caught.value.attributes) == ["status"]
    assert "No way to be" in str(caught.value)


def test_the_error_of_a_later_step_tells_in_process_what_went_before(world: World) -> None:
    with pytest.raises(APIError) as caught:
        second_step_fails(world)

    assert caught.value.result.sent == {"name": f"{TEXT} new"}
    assert pickle.loads(pickle.dumps(caught.value)).status == 503
