"""A token and a customer's text, planted in the data, come out where nobody asked for them.

The text may stand where it was asked for: in a value that was read, in `changes`, in `raw`, in the
body of a planned request, in a pickle or a snapshot of the record. The token may stand nowhere.
"""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, Record, custom
from kustomer_orm.attributes import Object
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import APIError, InvalidValueError, KustomerError

TEXT = "CanaryText7f3a9"
MAIL = f"{TEXT}@example.com"
UNKNOWN_ID = "ffffffffffffffffffffffff"


class Planted(Conversation):
    """A conversation with a place for every kind of text."""

    note = custom.Txt()
    order_number = custom.Str(choices=("one", "two"))
    refund = custom.Num()
    due = custom.At()
    is_vip = custom.Bool()
    site = custom.Url()
    reason = custom.Tree()
    buyer = custom.Id("customer")


class Ticket(Record):
    """A record of a type that the emulator has not, with text inside free JSON."""

    type, path = "ticket", "/v1/tickets"
    extra = Object()


class Lines(logging.Handler):
    """Keeps every log line as a handler with a formatter would write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[tuple[str, str]] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.name, self.format(record) + repr(record.args)))


@dataclass
class World:
    """A conversation full of canaries, and the client that reads it."""

    server: Emulator
    client: Client
    id: str
    customer: str
    errors: list[BaseException] = field(default_factory=list)

    def record(self) -> Planted:
        return Planted.get(self.id)

    def fail(self, *faults: Fault) -> None:
        self.server.faults.add(*faults)


@pytest.fixture
def world(server: Emulator, client: Client) -> World:
    add = server.world.add
    person = add("customer", name=TEXT, emails=[{"email": MAIL, "type": "home"}], externalId=TEXT)
    tags = [TEXT, f"{TEXT} two"]
    values = {"noteTxt": TEXT, "undeclaredStr": TEXT, "orderNumberStr": TEXT}
    id_ = add("conversation", customer=person, name=TEXT, externalId=TEXT, tags=tags, custom=values)
    return World(server, client, id_, person)


@pytest.fixture(autouse=True)
def no_log_line_shows_a_canary(server: Emulator) -> Iterator[Lines]:
    """Every logger at its most talkative, urllib3's as well."""
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)
    for logger, line in handler.lines:
        assert server.api_key not in line
        # At DEBUG, urllib3 writes the address of each request, with the value of a look-up.
        assert TEXT not in line or (logger.startswith("urllib3") and "=" in line), line


def assert_silent(world: World, *things: Any) -> None:
    for thing in things:
        for words in (repr(thing), str(thing), f"{thing}"):
            assert world.server.api_key not in words
            assert TEXT not in words, f"{type(thing).__name__} shows the text"


# -- what can be shown -----------------------------------------------------------------------------


def test_no_public_object_shows_a_canary_by_being_printed(
    world: World, no_log_line_shows_a_canary: Lines
) -> None:
    record = world.record()
    read = (record.name, record.note, record.tags, record.custom["undeclaredStr"], record.customer)
    record.name = f"{TEXT} again"
    record.tags.append(f"{TEXT} three")
    record.custom["otherTxt"] = TEXT
    plan = record.plan()
    result = record.save()
    twin = copy.deepcopy(record)
    person = Customer.get(world.customer)

    assert read[0] == TEXT
    assert result.sent["name"] == f"{TEXT} again"
    assert_silent(world, record, twin, person, record.customer, record.custom, plan, *plan.requests)
    assert_silent(world, result, result.requests, Planted.using(world.client), Planted.name)
    assert_silent(world, world.client, world.client.config, world.client.config.api_key)
    assert_silent(world, *vars(world.client).values(), record._state, record._extra)
    assert len(no_log_line_shows_a_canary.lines) >= 4


def test_every_verb_is_silent(world: World) -> None:
    record = world.record()
    record.assign(name=f"{TEXT} 2", note=None)
    record.restore("note")
    record.touch("status")
    record.save(only=["name"])
    record.save()
    record.refresh()
    record.delete()
    made = Planted.create(customer=world.customer, name=TEXT, external_id=f"{TEXT}-2", tags=[TEXT])
    made.refresh("discard")
    found = Planted.get_by(external_id=f"{TEXT}-2")
    people = [Customer.get_by(email=MAIL), Customer.get_by(external_id=TEXT)]
    several = Planted.get_many([str(made.id), UNKNOWN_ID])

    assert found == made
    assert several == [made]
    assert_silent(world, record, made, found, several, people, made.to_dict, made.schema)


def test_a_save_that_others_interfered_with_names_attributes_and_no_values(
    world: World, no_log_line_shows_a_canary: Lines
) -> None:
    record = world.record()
    world.server.world.edit("conversation", world.id, name=f"{TEXT} theirs", defaultLang=TEXT)
    record.name = f"{TEXT} mine"
    result = record.save()

    assert result.others_wrote
    assert_silent(world, result)
    assert any("others wrote" in line for _, line in no_log_line_shows_a_canary.lines)


def test_a_masked_value_does_not_show_its_presentation(world: World) -> None:
    shown = {"isMasked": True, "maskedPresentation": f"{TEXT}***"}
    world.server.world.put_raw("conversation", world.id, name=shown)
    record = world.record()

    assert_silent(world, record.name, record)


def test_pickles_and_snapshots_hold_the_data_and_never_the_token(world: World) -> None:
    record = world.record()
    record.name = f"{TEXT} again"
    with world.client, suppress(TypeError):
        assert world.server.api_key.encode() not in pickle.dumps(world.client)
    packed = pickle.dumps([record, record.customer])
    snapshot = json.dumps(record.snapshot())

    assert TEXT.encode() in packed
    assert TEXT in snapshot
    for text in (packed.decode("latin-1"), snapshot, repr(vars(pickle)["loads"](packed))):
        assert world.server.api_key not in text
        assert world.server.api_key.rpartition(".")[2] not in text


def test_the_key_is_not_pickled_and_not_printed(world: World) -> None:
    key = world.client.config.api_key

    assert_silent(world, key, [key], {"key": key})
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(key)
    with pytest.raises(TypeError, match="not pickled"):
        copy.copy(key)


# -- errors ----------------------------------------------------------------------------------------


def problem(**words: Any) -> dict[str, Any]:
    entry = {"status": 400, "code": "badparam", "title": "Invalid", **words}
    return {"errors": [entry]}


def save_named(world: World) -> None:
    record = world.record()
    record.name = TEXT + " new"
    record.note = TEXT + " note"
    record.save()


def save_answered(world: World, status: int, body: Any) -> None:
    record = world.record()
    record.name = TEXT + " new"
    world.fail(Fault.status(status, body=body, method="PATCH", times=None))
    record.save()


def second_step_fails(world: World) -> None:
    record = world.record()
    record.name = TEXT + " new"
    record.tags.append(TEXT + " three")
    world.fail(Fault.status(503, method="POST", times=None))
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

    world.fail(Fault.answer(change))
    world.record()


def create_cut(world: World) -> None:
    world.fail(Fault.cut_after(method="POST", times=None))
    world.fail(Fault.cut_before(method="GET", times=None))
    Planted.create(customer=world.customer, name=TEXT, external_id=f"{TEXT}-3", note=TEXT)


def snapshot_of(world: World, **wrong: Any) -> None:
    Planted.from_snapshot({**world.record().snapshot(), **wrong})


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
    "edited": lambda w: (r := w.record()).tags.append(TEXT * 9) or r.save(),
    "edited deep": lambda w: (t := Ticket(extra={})).extra.update({TEXT: {TEXT}}) or t.plan(),
    "surrogate": lambda w: setattr(w.record(), "name", TEXT + "\ud800"),
    "naive": lambda w: setattr(w.record(), "due", datetime(2026, 1, 1)),  # noqa: DTZ001
    "new": lambda w: Planted(customer=w.customer, due=TEXT),
    "id of a path": lambda w: Planted.get(f"{TEXT}/../x"),
    "ids of a path": lambda w: Planted.get_many([f"{TEXT}?x"]),
    "look-up of another kind": lambda w: Planted.get_by(external_id=[TEXT]),  # type: ignore[arg-type]
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
    "refresh mode": lambda w: w.record().refresh(TEXT),  # type: ignore[arg-type]
    "unsaved": lambda w: setattr(r := w.record(), "name", TEXT * 2) or r.refresh("raise"),
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
    "404 look-up echoed": lambda w: (
        w.fail(Fault.status(404, body=problem(title=f"no {TEXT} & co")))
        or Planted.get_by(external_id=f"{TEXT} & co")
    ),
    "404 customer": lambda w: Customer.get_by(email=f"nobody-{MAIL}"),
    "404 tags": lambda w: (
        (r := w.record()).tags.append(f"{TEXT} more")
        or w.server.world.delete("conversation", w.id)
        or r.save()
    ),
    "refused by the emulator": lambda w: (
        (r := w.record()).custom.__setitem__("otherId", TEXT) or r.save()
    ),
    "list instead": lambda w: w.fail(Fault.answer(lambda d: [TEXT])) or w.record(),
    "another record": other_record,
    "truncated": lambda w: w.fail(Fault.truncated_json(times=None)) or w.record(),
    "HTML": lambda w: w.fail(Fault.html(200, times=None)) or w.record(),
    "redirect": lambda w: w.fail(Fault.redirect(f"http://{TEXT}.example/")) or w.record(),
    "redirect of a write": lambda w: (
        w.fail(Fault.redirect(f"/v1/{TEXT}", method="PATCH")) or save_named(w)
    ),
    "cut before": lambda w: w.fail(Fault.cut_before(method="PATCH", times=None)) or save_named(w),
    "cut after": lambda w: w.fail(Fault.cut_after(method="PATCH", times=None)) or save_named(w),
    "cut inside": lambda w: w.fail(Fault.cut_inside(method="GET", times=None)) or w.record(),
    "cut at a look-up": lambda w: (
        w.fail(Fault.cut_before(times=None)) or Planted.get_by(external_id=TEXT)
    ),
    "creation cut": create_cut,
    "second step": second_step_fails,
    "server stopped": lambda w: w.server.stop() or w.record(),
}


@pytest.mark.parametrize(
    "case", [*BAD_VALUES.values(), *ANSWERS.values()], ids=[*BAD_VALUES, *ANSWERS]
)
def test_no_error_shows_a_canary(world: World, case: Case) -> None:
    with warnings.catch_warnings(record=True) as warned, pytest.raises(KustomerError) as caught:
        warnings.simplefilter("always")
        case(world)

    for error in chain(caught.value):
        assert isinstance(error, KustomerError), f"{type(error).__name__} stands behind it"
        assert_silent(world, error, *error.args, *vars(error).values())
        assert_silent(world, *getattr(error, "details", ()), *getattr(error, "errors", ()))
        packed = pickle.dumps(error).decode("latin-1")
        assert world.server.api_key not in packed
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
    world.fail(Fault.status(400, body=body, method="PATCH"))
    with pytest.raises(APIError) as caught:
        record.save()

    assert list(caught.value.attributes) == ["status"]
    assert "No way to be" in str(caught.value)


def test_the_error_of_a_later_step_tells_in_process_what_went_before(world: World) -> None:
    with pytest.raises(APIError) as caught:
        second_step_fails(world)

    assert caught.value.result.sent == {"name": f"{TEXT} new"}
    assert pickle.loads(pickle.dumps(caught.value)).status == 503


def test_settings_that_are_refused_are_not_repeated() -> None:
    for settings in (
        {"api_key": f"Bearer {TEXT}"},
        {"api_key": f"{TEXT}\n"},
        {"api_key": "k", "base_url": f"https://user:{TEXT}@example.com"},
        {"api_key": "k", "base_url": f"https://example.com/{TEXT}"},
        {"api_key": "k", "base_url": f"https://[{TEXT}"},
        {"api_key": "k", "base_url": f"https://example.com:{TEXT}"},
        {"api_key": "k", "org": f"{TEXT}/x"},
        {"api_key": "k", "org": "demo", "conflict": TEXT},
        {"api_key": "k", "org": "demo", "timeout": TEXT},
        {"api_key": "k", "org": "demo", "retry": TEXT},
    ):
        with pytest.raises(KustomerError) as caught:
            Client(**settings)  # type: ignore[arg-type]
        for error in chain(caught.value):
            assert isinstance(error, KustomerError)
            assert TEXT not in f"{error!s}{error!r}"


@pytest.mark.parametrize(
    "variable", ["KUSTOMER_TIMEOUT", "KUSTOMER_RETRY", "KUSTOMER_STRICT_LOADING"]
)
def test_a_variable_that_is_refused_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, TEXT)
    with pytest.raises(KustomerError, match=variable) as caught:
        Client("k", org="demo")

    assert [each for each in chain(caught.value) if TEXT in f"{each!s}{each!r}"] == []
    assert len(list(chain(caught.value))) == 1


def test_this_test_would_notice(world: World) -> None:
    leaking = InvalidValueError(f"got {TEXT}")

    with pytest.raises(AssertionError):
        assert_silent(world, leaking)
    with pytest.raises(AssertionError):
        assert_silent(world, f"Bearer {world.server.api_key}")
