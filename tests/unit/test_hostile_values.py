"""Values that were made to break something: refused on their line, in words that hide them."""

from __future__ import annotations

import enum
import json
from decimal import Decimal
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Record, custom, errors
from kustomer_orm.attributes import List, Object
from kustomer_orm.attributes.base import describe
from kustomer_orm.emulator import Emulator

ID = "5f0000000000000000000001"
CARD = 4111111111111111


class Case(Conversation):
    refund = custom.Num("refundAmountNum")
    note = custom.Txt()


class Ticket(Record):
    type = "hostile_ticket"
    path = "/v1/tickets"

    payload = Object(nullable=True)
    rows = List(Object())


class Word(str):
    """Text of somebody's own class."""

    __slots__ = ()

    def __str__(self) -> str:
        return "something else"


class Place(str, enum.Enum):  # noqa: UP042 - the old way, on purpose
    """What people use for keys; its `str()` is not its text."""

    NOTE = "noteTxt"


# -- what is not shown -----------------------------------------------------------------------------


@pytest.mark.parametrize("value", [CARD, -CARD, float(CARD), -4.111111111111111e15, 1e300, 1e9])
def test_a_long_number_is_not_shown(value: float) -> None:
    assert describe(value) == "a number of more than nine digits"
    with pytest.raises(errors.InvalidValueError, match="more than nine digits") as raised:
        Case(id=ID, name=value)
    assert "4111" not in str(raised.value)


@pytest.mark.parametrize("value", [float("nan"), 12.5, -999_999_999, 7, True, None])
def test_a_short_number_is_shown(value: object) -> None:
    assert describe(value) == repr(value)


def test_the_text_of_an_unknown_key_is_not_shown() -> None:
    case = Case(id=ID)
    with pytest.raises(errors.InvalidValueError, match="a string of 16 characters") as raised:
        case.sentiment = {"polarity": 1, "confidence": 0, "jane@example.com": 1}
    assert "jane" not in str(raised.value)


# -- numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1e400", "-1e400", "1e309", "1e999999999", "123e307123"])
def test_a_decimal_that_no_float_holds_is_refused_at_once(text: str) -> None:
    case = Case(id=ID)
    with pytest.raises(errors.InvalidValueError, match=r"refund.*that a float holds"):
        case.refund = Decimal(text)
    with pytest.raises(errors.InvalidValueError, match="that a float holds"):
        case.custom["otherNum"] = Decimal(text)
    assert not case.is_dirty


@pytest.mark.parametrize(
    ("text", "sent"), [("1e308", 1e308), ("-1E+22", -1e22), ("1e-7", 1e-7), ("12.50", 12.5)]
)
def test_a_decimal_that_a_float_holds_is_sent(text: str, sent: float) -> None:
    case = Case(id=ID, refund=Decimal(text))
    assert case.plan().requests[0].body == {"custom": {"refundAmountNum": sent}}


# -- depth -----------------------------------------------------------------------------------------


def nested(depth: int, kind: str) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value} if kind == "dict" else [value]
    return value


@pytest.mark.parametrize("kind", ["dict", "list"])
@pytest.mark.parametrize("depth", [101, 110, 300, 100_000])
def test_json_of_more_than_a_hundred_levels_is_refused(depth: int, kind: str) -> None:
    ticket = Ticket(id=ID)
    with pytest.raises(errors.InvalidValueError, match=r"payload.*at most 100 levels"):
        ticket.payload = {"b": nested(depth, kind)}
    assert not ticket.is_dirty


@pytest.mark.parametrize("kind", ["dict", "list"])
def test_json_of_a_hundred_levels_is_sent(kind: str) -> None:
    value = {"b": nested(99, kind)}
    request = Ticket(id=ID, payload=value).plan().requests[0]
    assert json.loads(request.content) == {"payload": value}


def holding_itself(kind: str) -> dict[str, Any]:
    held: dict[str, Any] = {}
    items: list[Any] = [held]
    held["me"] = held if kind == "dict" else items
    items.append(items)
    return held


@pytest.mark.parametrize("kind", ["dict", "list"])
def test_json_that_holds_itself_is_refused(kind: str) -> None:
    ticket = Ticket(id=ID)
    with pytest.raises(errors.InvalidValueError, match="does not hold itself"):
        ticket.payload = holding_itself(kind)
    with pytest.raises(errors.InvalidValueError, match="does not hold itself"):
        ticket.rows = [holding_itself(kind)]
    assert not ticket.is_dirty


def test_a_dict_that_is_made_to_hold_itself_is_refused_by_the_save(
    server: Emulator, client: Client
) -> None:
    id_ = server.world.add("conversation")
    ticket = Ticket(id=id_, payload={"a": 1})
    held: Any = ticket.payload
    held["me"] = held
    with pytest.raises(errors.InvalidValueError, match="does not hold itself"):
        ticket.save()
    assert server.requests == []
    del held["me"]
    assert ticket.plan().requests[0].body == {"payload": {"a": 1}}


# -- keys ------------------------------------------------------------------------------------------


def test_the_keys_of_a_dict_go_out_as_plain_text() -> None:
    ticket = Ticket(id=ID, payload={Word("a"): {Place.NOTE: Word("x")}})
    body = ticket.plan().requests[0].body
    assert body == {"payload": {"a": {"noteTxt": "x"}}}
    inner = body["payload"]["a"]
    assert {type(text) for text in (*body["payload"], *inner, *inner.values())} == {str}


@pytest.mark.parametrize("value", [{"\ud800": 1}, {"a": [{"b\udfff": 1}]}])
def test_a_key_with_a_lone_surrogate_is_refused(value: dict[str, Any]) -> None:
    ticket = Ticket(id=ID)
    with pytest.raises(errors.InvalidValueError, match="surrogates"):
        ticket.payload = value
    assert not ticket.is_dirty


def test_a_custom_key_of_a_class_of_its_own_is_its_text(server: Emulator, client: Client) -> None:
    case = Case.get(server.world.add("conversation"))
    case.custom[Place.NOTE] = "n"
    case.custom[Word("otherTxt")] = "o"
    case.save()
    assert server.requests[-1].body == {"custom": {"noteTxt": "n", "otherTxt": "o"}}
    assert (case.note, case.custom[Place.NOTE], Place.NOTE in case.custom) == ("n", "n", True)
    assert {type(key) for key in case.custom} == {str}


# -- errors of the value itself --------------------------------------------------------------------


class Broken(dict[str, Any]):
    """A dict of somebody's own that cannot even be looked at."""

    def items(self) -> Any:
        raise KeyboardInterrupt


def test_an_assignment_that_breaks_off_leaves_nothing_half_assigned() -> None:
    ticket = Ticket(id=ID, rows=[{"a": 1}])
    before = ticket.changes
    with pytest.raises(KeyboardInterrupt):
        ticket.assign(rows=[{"b": 2}], payload=Broken(a=1))
    assert ticket.changes == before
    assert ticket.rows == [{"a": 1}]


@pytest.mark.parametrize(("value", "said"), [("", "0 characters"), ("x", "1 character")])
def test_one_character_is_said_to_be_one(value: str, said: str) -> None:
    assert describe(value) == f"a string of {said}"
