"""One case for each attribute kind and each custom class: what `test_every_kind.py` loops over."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from kustomer_orm import Conversation, Record, custom
from kustomer_orm.attributes import (
    Boolean,
    Choice,
    DateTime,
    Integer,
    List,
    Number,
    Object,
    String,
    ToMany,
    ToOne,
    Url,
)

ID = "58190b991f2932100010d683"
OTHER_ID = "58190b991f2932100010d684"
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
WIRE_MOMENT = "2026-01-02T03:04:05.678Z"


class Everything(Record):
    """Each kind by a key of its own, and each custom class."""

    type, path = "conversation", "/v1/conversations"
    name = String(nullable=True)
    text = String(max_length=20)
    text_or_null = String(max_length=20, nullable=True)
    word = Choice("one", "two")
    whole = Integer(min=-5, max=5)
    figure = Number(min=-5, max=5)
    truth = Boolean()
    moment = DateTime()
    address = Url()
    items = List(String(max_length=20), max_items=3)
    unordered = List(String(max_length=20), max_items=3, unordered=True)
    rows = List(
        Object({"word": Choice("one", "two"), "figure": Number()}, required=("word",)), max_items=3
    )
    free = Object()
    known = Object({"at": DateTime(), "word": Choice("one", "two")}, required=("word",))
    one = ToOne("user", key="pinnedBy")
    many = ToMany("user", max_items=3, unordered=True)
    custom_str = custom.Str()
    custom_choice = custom.Str(choices=("one", "two"))
    custom_txt = custom.Txt()
    custom_num = custom.Num()
    custom_at = custom.At()
    custom_bool = custom.Bool()
    custom_url = custom.Url()
    custom_tree = custom.Tree()
    custom_id = custom.Id("user")
    custom_ids = custom.Id("user", "manyId", many=True)
    custom_strs = custom.Strs("manyStr")


@dataclass(frozen=True)
class Case:
    """What one kind takes and refuses.

    Attributes:
        name: the attribute of `Everything`.
        value: a Python value; `wire` is the same on the wire.
        other: another one, and `other_wire`.
        equal: Python values that are the same as `value`.
        spellings: wire values that are the same as `wire`.
        wrong: values that assignment refuses.
        unloadable: JSON values that `schema()` refuses.
        corrupt: a wire value that cannot be read.
        empty: what an absent value reads as.
        edits: edits in place, with the wire value that they lead to from `wire`.
    """

    name: str
    value: Any
    wire: Any
    other: Any
    other_wire: Any
    corrupt: Any
    equal: tuple[Any, ...] = ()
    spellings: tuple[Any, ...] = ()
    wrong: tuple[Any, ...] = ()
    unloadable: tuple[Any, ...] = ()
    empty: Any = None
    edits: tuple[tuple[Callable[[Any], object], Any], ...] = field(default=())

    @property
    def attribute(self) -> Any:
        """The attribute itself."""
        return Everything._attributes[self.name]

    @property
    def key(self) -> str:
        """Its key on the wire."""
        return str(self.attribute.key)

    @property
    def is_custom(self) -> bool:
        """Whether it is one key of `custom`."""
        return self.name.startswith("custom_")

    @property
    def nullable(self) -> bool:
        """Whether None may be assigned."""
        return bool(self.attribute.nullable)

    def stored(self, wire: Any) -> dict[str, Any]:
        """Give the attributes of a document that hold a wire value; for `world.put_raw`."""
        return {"custom": {self.key: wire}} if self.is_custom else {self.key: wire}

    def body(self, wire: Any) -> dict[str, Any]:
        """Give the body that sends a wire value."""
        return self.stored(wire)

    def __str__(self) -> str:
        return self.name


_TEXT: dict[str, Any] = {
    "value": "a",
    "wire": "a",
    "other": "b",
    "other_wire": "b",
    "corrupt": 5,
    "wrong": (1, True, b"a", ["a"], {"a": 1}, "\ud800", MOMENT),
    "unloadable": (1, True, ["a"], {"a": 1}, "\ud800"),
}
_LONG = {"wrong": (*_TEXT["wrong"], "x" * 21), "unloadable": (*_TEXT["unloadable"], "x" * 21)}
_LIMIT = {"wrong": (*_TEXT["wrong"], "x" * 1025), "unloadable": (*_TEXT["unloadable"], "x" * 1025)}
_WORD: dict[str, Any] = {
    "value": "one",
    "wire": "one",
    "other": "two",
    "other_wire": "two",
    "corrupt": 5,
    "wrong": (1, True, "three", "", "One"),
    "unloadable": (1, True, "three", "", "One"),
}
_NO_NUMBER: tuple[Any, ...] = (
    True,
    "1",
    "",
    [1],
    {},
    math.nan,
    math.inf,
    Decimal("NaN"),
    1j,
    2**63,
)
_NUMBER: dict[str, Any] = {
    "value": 2.5,
    "wire": 2.5,
    "other": 3,
    "other_wire": 3,
    "corrupt": "2.5",
    "equal": (Decimal("2.50"),),
    "wrong": (*_NO_NUMBER, Decimal("0.1000000000000000000001")),
    "unloadable": (True, "1", "", [1], {}, math.nan),
}
_WHOLE: dict[str, Any] = {
    "value": 2,
    "wire": 2,
    "other": -3,
    "other_wire": -3,
    "corrupt": 2.5,
    "equal": (Decimal("2.0"),),
    "spellings": (2.0,),
    "wrong": (*_NO_NUMBER, 2.5, 2.0, 6, -6),
    "unloadable": (True, "1", "", [1], math.nan, 2.5, 6, -6),
}
_TRUTH: dict[str, Any] = {
    "value": True,
    "wire": True,
    "other": False,
    "other_wire": False,
    "corrupt": 1,
    "wrong": (1, 0, "yes", "true", "", [], 1.0),
    "unloadable": (1, 0, "yes", "true", "", []),
}
_MOMENT: dict[str, Any] = {
    "value": MOMENT,
    "wire": WIRE_MOMENT,
    "other": MOMENT + timedelta(milliseconds=1),
    "other_wire": "2026-01-02T03:04:05.679Z",
    "corrupt": "yesterday",
    "equal": (
        MOMENT.astimezone(timezone(timedelta(hours=2))),
        MOMENT + timedelta(microseconds=999),
    ),
    "spellings": ("2026-01-02T05:04:05.678+02:00", "2026-01-02T03:04:05.678000+00:00"),
    "wrong": (WIRE_MOMENT, 1, True, MOMENT.replace(tzinfo=None), MOMENT.date()),
    "unloadable": (1, True, "yesterday", "2026-01-02", "2026-01-02T03:04:05", ""),
}
_URL: dict[str, Any] = {
    "value": "https://a.example/x",
    "wire": "https://a.example/x",
    "other": "mailto:a@b.example",
    "other_wire": "mailto:a@b.example",
    "corrupt": 5,
    "wrong": (1, "", "a.example", "/x", "https://a b", "http://", "https://["),
    "unloadable": (1, "", "a.example", "/x", "https://a b", "http://", "https://["),
}
_LIST: dict[str, Any] = {
    "value": ["a", "b"],
    "wire": ["a", "b"],
    "other": ["c"],
    "other_wire": ["c"],
    "corrupt": "a",
    "equal": (("a", "b"),),
    "wrong": ("ab", {"a"}, {"a": 1}, ["a", 1], ["a", None], ["a", ["b"]], list("abcd")),
    "unloadable": ("ab", {"a": 1}, ["a", 1], ["a", None], ["x" * 21], list("abcd")),
    "empty": [],
    "edits": (
        (lambda held: held.append("c"), ["a", "b", "c"]),
        (lambda held: held.remove("a"), ["b"]),
        (lambda held: held.clear(), []),
    ),
}
_WORDS: dict[str, Any] = {
    **_LIST,
    "corrupt": 5,
    "wrong": ({"a"}, {"a": 1}, ["a", 1], ["a", None], ["a", ["b"]], ["x" * 1025]),
    "unloadable": ("ab", {"a": 1}, ["a", 1], ["a", None], ["x" * 1025]),
}
_IDS: dict[str, Any] = {
    "value": [ID],
    "wire": [ID],
    "other": [ID, OTHER_ID],
    "other_wire": [ID, OTHER_ID],
    "corrupt": ID,
    "equal": ((ID,),),
    "wrong": (ID, [1], [""], [None], ["a/b"], [".."], [Conversation(id=ID)]),
    "unloadable": (ID, [1], [""], [None], ["a/b"]),
    "empty": [],
    "edits": (
        (lambda held: held.append(OTHER_ID), [ID, OTHER_ID]),
        (lambda held: held.pop(), []),
    ),
}
_ONE: dict[str, Any] = {
    "value": ID,
    "wire": ID,
    "other": OTHER_ID,
    "other_wire": OTHER_ID,
    "corrupt": 5,
    "wrong": (1, True, "", "a/b", "..", [ID], Conversation(id=ID)),
    "unloadable": (1, True, "", "a/b", [ID]),
}

CASES = (
    Case("text", **{**_TEXT, **_LONG}),
    Case("text_or_null", **{**_TEXT, **_LONG}),
    Case("word", **_WORD),
    Case("whole", **_WHOLE),
    Case("figure", **{**_NUMBER, "wrong": (*_NUMBER["wrong"], 6, -5.5)}),
    Case("truth", **_TRUTH),
    Case("moment", **_MOMENT),
    Case("address", **_URL),
    Case("items", **{**_LIST, "wrong": (*_LIST["wrong"], ["x" * 21])}),
    Case(
        "unordered",
        **{
            **_LIST,
            "equal": (["b", "a"],),
            "spellings": (["b", "a"],),
            "wrong": (*_LIST["wrong"], ["a", "a"]),
            "unloadable": (*_LIST["unloadable"], ["a", "a"]),
        },
    ),
    Case(
        "rows",
        value=[{"word": "one", "figure": 1}, {"word": "two"}],
        wire=[{"word": "one", "figure": 1}, {"word": "two"}],
        other=[],
        other_wire=[],
        corrupt={"word": "one"},
        equal=([{"figure": 1.0, "word": "one"}, {"word": "two"}],),
        spellings=([{"figure": 1.0, "word": "one"}, {"word": "two"}],),
        wrong=([{}], [{"word": "three"}], [{"word": "one"}, {"figure": 1}], ["one"], [None], {}),
        unloadable=([{}], [{"word": "three"}], [{"figure": 1}], ["one"], [None], {}, "one"),
        empty=[],
        edits=(
            (lambda held: held.reverse(), [{"word": "two"}, {"word": "one", "figure": 1}]),
            (
                lambda held: held[1].update(word="one"),
                [{"word": "one", "figure": 1}, {"word": "one"}],
            ),
            (lambda held: held.pop(0), [{"word": "two"}]),
        ),
    ),
    Case(
        "free",
        value={"a": [1, {"b": None}]},
        wire={"a": [1, {"b": None}]},
        other={},
        other_wire={},
        corrupt=["a"],
        equal=({"a": (1.0, {"b": None})},),
        wrong=(
            [],
            "a",
            1,
            {1: "a"},
            {"a": MOMENT},
            {"a": [math.nan]},
            {"a": {"b"}},
            {"a": "\ud800"},
        ),
        unloadable=([], "a", 1, {"a": [math.nan]}, {"a": "\ud800"}),
        edits=(
            (lambda held: held["a"][1].update(b=1), {"a": [1, {"b": 1}]}),
            (lambda held: held.pop("a"), {}),
        ),
    ),
    Case(
        "known",
        value={"word": "one", "at": MOMENT},
        wire={"word": "one", "at": WIRE_MOMENT},
        other={"word": "two"},
        other_wire={"word": "two"},
        corrupt="one",
        equal=({"at": MOMENT.astimezone(timezone(timedelta(hours=2))), "word": "one"},),
        spellings=({"at": "2026-01-02T05:04:05.678+02:00", "word": "one"},),
        wrong=({}, {"word": "three"}, {"at": MOMENT}, {"word": "one", "more": 1}, [], "one"),
        unloadable=({}, {"word": "three"}, {"at": WIRE_MOMENT}, {"word": "one", "more": 1}, []),
        edits=(
            (lambda held: held.pop("at"), {"word": "one"}),
            (lambda held: held.update(word="two"), {"word": "two", "at": WIRE_MOMENT}),
        ),
    ),
    Case("one", **_ONE),
    Case("many", **_IDS),
    Case("custom_str", **{**_TEXT, **_LIMIT}),
    Case("custom_choice", **_WORD),
    Case("custom_txt", **{**_TEXT, **_LIMIT}),
    Case("custom_num", **_NUMBER),
    Case("custom_at", **_MOMENT),
    Case("custom_bool", **_TRUTH),
    Case("custom_url", **_URL),
    Case("custom_tree", **{**_TEXT, **_LIMIT}),
    Case("custom_id", **_ONE),
    Case("custom_ids", **_IDS),
    Case("custom_strs", **_WORDS),
)
