"""What a form keeps to itself when it comes back: secrets, and what its person was not shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from kustomer_orm import Conversation, custom
from kustomer_orm.contrib.django import clients, record_form
from kustomer_orm.contrib.django.form_signing import FormSigner
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import ServerError
from tests.contrib.django.form_pages import stored, writes
from tests.contrib.html_forms import Page

pytestmark = pytest.mark.usefixtures("kustomer")


class Safe(Conversation):
    pin = custom.Str("pinStr", sensitive=True)
    words = custom.Strs("wordsStr")
    tints = custom.Strs("tintStr", choices=("red", "blue"))


def sent(form: Any, **changed: str | list[str]) -> QueryDict:
    """Give what a browser posts of a page with this form, with some inputs changed."""
    posted: dict[str, Any] = {**Page(str(form)).posted, **changed}
    data = QueryDict(mutable=True)
    for name, texts in posted.items():
        data.setlist(name, [texts] if isinstance(texts, str) else texts)
    return data


def test_a_secret_that_was_typed_into_a_form_in_conflict_is_asked_for_again(
    server: Emulator,
) -> None:
    form_class = record_form(Safe, ["name", "pin"])
    id_ = server.world.add("conversation", name="Hi", custom={"pinStr": "old"})
    shown = form_class(id=id_)
    data = sent(shown, name="mine", pin="n3w")
    server.world.edit("conversation", id_, name="theirs")

    form = form_class(data, id=id_)
    assert form.is_valid()
    assert not form.save()

    assert (form.status, list(form.sides)) == (409, ["name"])
    assert form.errors["pin"] == ["Enter this again: it is not shown."]
    assert "n3w" not in str(form) + str(FormSigner(form_class).unsign(form.token, 60))
    again = form_class(sent(form, pin="n3w", **{"resolve-name": "mine"}), id=id_)
    assert again.is_valid()
    assert again.save()
    assert sorted(again.saved) == ["name", "pin"]
    assert stored(server, id_)["custom"] == {"pinStr": "n3w"}


def described(server: Emulator) -> str:
    server.behaviour.reads_sensitive = True
    server.behaviour.text_lists = True
    server.world.describe("conversation", codeStr={"sensitive": True})
    server.world.describe("conversation", hueStr={"multi": True, "enumeration": ["red", "blue"]})
    id_ = server.world.add("conversation", name="Hi")
    server.world.put_raw("conversation", id_, custom={"codeStr": "t0p", "hueStr": ["blue", "red"]})
    return id_


DescribedForm = record_form(Safe, ["name", "custom.codeStr", "custom.hueStr"], metadata=True)


def lose_metadata(server: Emulator) -> None:
    """Be another process, which cannot read it."""
    clients.forget()
    server.faults.add(Fault.status(503, path="*metadata*", times=None))


def test_what_the_organisation_says_of_a_form_travels_with_it(server: Emulator) -> None:
    id_ = described(server)
    data = sent(DescribedForm(id=id_), name="mine")
    assert data.getlist("custom.hueStr") == ["", "red", "blue"]
    server.world.edit("conversation", id_, name="theirs")
    lose_metadata(server)

    form = DescribedForm(data, id=id_)
    assert form.is_valid()
    assert form.changed_data == ["name"]
    assert not form.save()
    assert "t0p" not in str(form) + str(FormSigner(DescribedForm).unsign(form.token, 60))
    assert writes(server) == []


def test_a_form_whose_token_is_refused_is_not_shown_without_the_organisations_word(
    server: Emulator,
) -> None:
    id_ = described(server)
    data = sent(DescribedForm(id=id_), kustomer_token="forged")
    lose_metadata(server)

    with pytest.raises(ServerError):
        DescribedForm(data, id=id_)


def test_a_field_that_was_not_shown_is_not_changed(server: Emulator) -> None:
    """A form whose fields depend on the person, and a post that was made by hand."""

    class Mine(record_form(Safe, ["name", "priority"])):  # type: ignore[misc] # made at run time
        pass

    id_ = server.world.add("conversation", name="Hi", priority=2)
    shown = Mine(id=id_)
    del shown.fields["priority"]
    data = sent(shown, name="mine", priority="1")

    form = Mine(data, id=id_)
    assert form.is_valid()
    assert form.save()
    assert form.saved == ["name"]
    assert stored(server, id_)["priority"] == 2


def test_items_of_a_list_that_nobody_touched_stay_as_they_were(server: Emulator) -> None:
    server.behaviour.text_lists = True
    form_class = record_form(Safe, ["words", "tints"])
    id_ = server.world.add("conversation", name="Hi")
    held = {"wordsStr": ["red ", "a\u2028b"], "tintStr": ["blue", "red"]}
    server.world.put_raw("conversation", id_, custom=held)
    data = sent(form_class(id=id_))

    untouched = form_class(data, id=id_)
    assert untouched.is_valid()
    assert untouched.changed_data == []
    data["words"] += "\r\nnew"
    form = form_class(data, id=id_)
    assert form.is_valid()
    assert form.save()
    assert stored(server, id_)["custom"] == {**held, "wordsStr": ["red ", "a\u2028b", "new"]}
