"""`Anything`: JSON of whatever shape, edited in place, refused where it is none."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest

from kustomer_orm import Client, Record
from kustomer_orm.attributes import Anything
from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import InvalidValueError


class Talk(Record):
    """A conversation of which one attribute may hold anything."""

    type = "conversation"
    path = "/v1/conversations"

    preview = Anything()


def loaded(server: Emulator, value: Any) -> Talk:
    id_ = server.world.add("conversation")
    server.world.put_raw("conversation", id_, preview=value)
    return Talk.get(id_)


@pytest.mark.parametrize("value", ["a", 1, True, ["a", {"b": None}], {"a": [1]}])
def test_any_json_is_read_as_it_is_and_is_no_change(
    server: Emulator, client: Client, value: Any
) -> None:
    talk = loaded(server, value)

    assert talk.preview == value
    assert not talk.is_dirty


def test_an_edit_in_place_is_a_change(server: Emulator, client: Client) -> None:
    talk = loaded(server, ["a", {"b": None}])

    talk.preview[1]["b"] = 1

    assert talk.plan().requests[0].body == {"preview": ["a", {"b": 1}]}


@pytest.mark.parametrize("value", [{1: "a"}, [math.nan], {"a": datetime.now(UTC)}, {"b"}, object()])
def test_what_is_no_json_is_refused(server: Emulator, client: Client, value: Any) -> None:
    talk = loaded(server, "a")

    with pytest.raises(InvalidValueError, match="preview"):
        talk.preview = value
    assert not talk.is_dirty


def test_what_holds_a_masked_part_cannot_be_sent(server: Emulator, client: Client) -> None:
    masked = {"isMasked": True, "maskedPresentation": "***"}
    talk = loaded(server, {"a": masked, "b": 1})
    talk.preview["b"] = 2

    with pytest.raises(InvalidValueError, match="masked"):
        talk.save()
