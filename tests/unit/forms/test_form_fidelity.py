"""A form invents no edits: what a browser posts of an untouched form is what the record holds."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kustomer_orm import Client, Conversation, custom
from kustomer_orm.emulator import Emulator
from kustomer_orm.forms import (
    FormField,
    assign_posted,
    fields_of,
    related_choices,
    shown_texts,
    value_of,
)
from kustomer_orm.forms.inputs import attrs_of, widget_of
from kustomer_orm.metadata import Property

pytestmark = pytest.mark.usefixtures("client")

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


class Parcel(Conversation):
    colors = custom.Strs(choices=("red", "blue", "green"))
    words = custom.Strs("wordsStr")
    carrier = custom.Str()
    weight = custom.Num("weightNum")
    buyers = custom.Id("user", "buyersId", many=True)
    due = custom.At()


FIELDS = {each.name: each for each in fields_of(Parcel, ["colors", "words", "carrier", "due"])}


def parcel(server: Emulator, **values: Any) -> Parcel:
    id_ = server.world.add("conversation", name="Hi")
    server.world.put_raw("conversation", id_, custom=values)
    return Parcel.get(id_)


def post(record: Parcel, field: FormField, *texts: str, zone: Any = BERLIN) -> list[Any]:
    return assign_posted(record, [field], {field.name: texts}.get, zone=zone)


# -- lists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "posted"),
    [
        (["blue", "red"], ["", "red", "blue"]),
        (["red", "red"], ["", "red"]),
        ([" red", "blue"], ["", "blue", " red"]),
        (["a\nb", "red"], ["", "red", "a\r\nb"]),
    ],
)
def test_what_a_select_posts_untouched_is_no_edit(
    server: Emulator, held: list[str], posted: list[str]
) -> None:
    """In the order of its options, and each of them once."""
    record = parcel(server, colorsStr=held)

    assert post(record, FIELDS["colors"], *posted) == []
    assert record.changes == {}


@pytest.mark.parametrize(
    ("posted", "wanted"),
    [
        (["", "red", "green", "blue "], ["blue ", "red", "red", "green"]),
        (["", "blue "], ["blue "]),
        (["green"], ["green"]),
        ([""], []),
    ],
)
def test_what_stays_chosen_stays_as_it_was(
    server: Emulator, posted: list[str], wanted: list[str]
) -> None:
    record = parcel(server, colorsStr=["blue ", "red", "red"])

    assert post(record, FIELDS["colors"], *posted) == []
    assert record.colors == wanted


def test_records_that_stay_named_keep_their_places(server: Emulator, client: Client) -> None:
    """A select has them by their names, and a list may have them in any order."""
    last, first, new = (server.world.add("user", displayName=name) for name in "ZAM")
    record = parcel(server, buyersId=[last, first])
    [field] = related_choices(fields_of(Parcel, ["buyers"]), client)

    assert post(record, field, "", first, last) == []
    assert record.changes == {}
    assert post(record, field, "", first, new, last) == []
    record.save()
    stored = server.world.get("conversation", str(record.id))["attributes"]["custom"]
    assert stored["buyersId"] == [last, first, new]


def test_a_line_added_to_a_list_leaves_the_others_as_they_were(server: Emulator) -> None:
    record = parcel(server, wordsStr=["red ", "a\u2028b", "red"])

    assert post(record, FIELDS["words"], "red \r\na\u2028b\r\nred\r\n green") == []
    assert record.words == ["red ", "a\u2028b", "red", "green"]


@pytest.mark.parametrize("item", ["a\nb", "a\n\nb", " ", "\nb", "a\r"])
def test_a_list_that_lines_cannot_show_is_not_edited(server: Emulator, item: str) -> None:
    record = parcel(server, wordsStr=[item, "c"])
    shown = "\n".join(shown_texts(record, FIELDS["words"]) or []).replace("\n", "\r\n")

    assert post(record, FIELDS["words"], shown) == []
    [error] = post(record, FIELDS["words"], f"{shown}\r\nd")

    assert (error.field, error.code) == ("words", "invalid")
    assert "in Kustomer itself" in error.message
    assert record.changes == {}


# -- lines ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("held", "posted"), [("a\rb", "a\r\nb"), ("a\0b", "a\ufffdb")])
def test_what_a_browser_cannot_hold_is_no_edit(server: Emulator, held: str, posted: str) -> None:
    record = parcel(server, carrierStr=held)
    field = FIELDS["carrier"]

    assert post(record, field, posted) == []
    assert record.changes == {}
    assert widget_of(field, [held]) == ("textarea" if "\r" in held else "input")


# -- what the organisation says -----------------------------------------------------------------


def test_several_values_of_what_the_code_declares_as_one_change_no_field() -> None:
    facts = [Property("weightNum", many=True), Property("carrierStr", many=True)]

    fields = fields_of(Parcel, ["weight", "carrier"], properties=facts)

    assert [field.kind for field in fields] == ["number", "line"]


def test_a_list_in_a_field_of_one_value_is_not_written_over(server: Emulator) -> None:
    record = parcel(server, sizeNum=[1, 2], shapeStr=["a", "b"])
    fields = fields_of(
        Parcel, ["custom.sizeNum", "custom.shapeStr"], properties=[Property("sizeNum", many=True)]
    )

    for field in fields:
        assert post(record, field, "") == []
        [error] = post(record, field, "3")
        assert "in Kustomer itself" in error.message
    assert record.changes == {}


def test_a_secret_of_the_organisation_says_that_it_is_not_shown() -> None:
    [field] = fields_of(Parcel, ["carrier"], properties=[Property("carrierStr", sensitive=True)])

    assert field.help_text == "Not shown. Leave it empty to keep it as it is."


# -- instants -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wire", "zone"),
    [("0001-01-01T00:00:00Z", NEW_YORK), ("9999-12-31T23:59:59Z", BERLIN)],
)
def test_an_instant_beyond_the_calendar_of_a_zone_is_shown_with_its_offset(
    server: Emulator, wire: str, zone: ZoneInfo
) -> None:
    record = parcel(server, dueAt=wire)
    shown = shown_texts(record, FIELDS["due"], zone) or []

    assert shown == [wire.replace("Z", "+00:00")]
    assert attrs_of(FIELDS["due"], shown)["type"] == "text"
    assert post(record, FIELDS["due"], *shown, zone=zone) == []
    assert record.changes == {}


@pytest.mark.parametrize(
    ("wire", "text", "html_type"),
    [
        ("2026-10-25T00:30:00Z", "2026-10-25T02:30:00", "datetime-local"),
        ("2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00", "text"),
    ],
)
def test_a_time_that_clocks_show_twice_is_the_first_unless_it_has_an_offset(
    server: Emulator, wire: str, text: str, html_type: str
) -> None:
    record = parcel(server, dueAt=wire)

    assert shown_texts(record, FIELDS["due"], BERLIN) == [text]
    assert attrs_of(FIELDS["due"], [text])["type"] == html_type
    assert value_of(FIELDS["due"], [text], BERLIN).astimezone(UTC) == record.due
