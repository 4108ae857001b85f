"""A record in a form of Django's that stays open: shown, posted, merged, decided."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client, RequestFactory, override_settings

from kustomer_orm import Conversation
from kustomer_orm.contrib.django import RecordForm, clients, record_form
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import APIError, DeclarationError, UnknownAttributeError
from tests.contrib.django.desk.forms import Case, CaseForm
from tests.contrib.django.form_pages import Person, stored, writes

NAMES = CaseForm.Meta.fields
VALUES = {
    "sizeStr": "XXL",
    "cardStr": "4111",
    "dueAt": "2026-07-01T10:00:00.123Z",
    "vipBool": True,
    "refundNum": 12.5,
    "noteTxt": "\none <b>\ntwo\n",
    "colorsStr": ["red", "blue"],
    "siteUrl": "https://example.com/a",
}


@pytest.fixture
def id_(server: Emulator) -> str:
    user = server.world.add("user", name="Sam <Agent>")
    server.world.add("user", name="Ada")
    server.behaviour.text_lists = True
    server.world.describe("conversation", colorsStr={"multi": True})
    return server.world.add(
        "conversation",
        name="Hi <b>\nthere",
        tags=["damaged", "late"],
        assignedUsers=[user],
        custom=VALUES,
    )


@pytest.fixture
def person(browser: Client, id_: str) -> Person:
    return Person(browser, f"/edit/{id_}/")


# -- shown ----------------------------------------------------------------------------------------


def test_every_kind_has_its_input_with_a_label_and_limits(person: Person) -> None:
    inputs = person.page.inputs

    assert list(inputs) == ["csrfmiddlewaretoken", "kustomer_token", *NAMES, "tell_the_customer"]
    assert (inputs["due"]["type"], inputs["due"]["step"]) == ("datetime-local", "1")
    assert (inputs["priority"]["min"], inputs["priority"]["max"]) == ("1", "5")
    assert inputs["refund"]["step"] == "any"
    assert inputs["site"]["type"] == "url"
    assert "multiple" in inputs["tags"]
    assert "rows" in inputs["name"], "an input would drop the line break"
    assert all(f'<label for="id_{name}">' in person.text for name in NAMES)
    assert "Sam &lt;Agent&gt;</option>" in person.text
    assert "4111" not in person.text
    assert person.page.posted["size"] == ["XXL"], "a word that the code does not know"


def test_the_meta_of_a_form_says_what_is_otherwise(person: Person) -> None:
    assert "Web site:</label>" in person.text
    assert "In <b>euros</b>." in person.text
    assert person.page.inputs["note"]["rows"] == "7"
    assert person.page.inputs["note"]["class"] == "wide"
    assert person.page.posted["note"] == ["\r\none <b>\r\ntwo\r\n"]


def test_a_form_that_nobody_touched_saves_without_a_request(
    person: Person, server: Emulator
) -> None:
    before = len(server.requests)

    assert person.post().url == "/saved?"
    assert len(server.requests) == before


def test_what_is_shown_costs_a_request_for_each_kind_once(
    person: Person, server: Emulator, browser: Client, id_: str
) -> None:
    assert [each.path for each in server.requests] == [
        f"/v1/conversations/{id_}",
        "/v1/tags",
        "/v1/users",
    ]
    Person(browser, person.url)
    assert len(server.requests) == 4


def test_instants_are_those_of_the_current_zone(
    browser: Client, server: Emulator, id_: str
) -> None:
    with override_settings(TIME_ZONE="Europe/Berlin"):
        person = Person(browser, f"/edit/{id_}/")
        assert person.page.posted["due"] == ["2026-07-01T12:00:00"]
        assert "Time zone: Europe/Berlin." in person.text
        person.post(due="2026-07-01T13:00")
    assert writes(server) == [{"custom": {"dueAt": "2026-07-01T11:00:00.000Z"}}]


def test_metadata_gives_the_organisation_s_names_and_choices(
    browser: Client, server: Emulator, id_: str
) -> None:
    server.world.describe("conversation", sizeStr={"displayName": "<Größe>", "enumeration": ["XS"]})

    text = Person(browser, f"/edit/{id_}/described/").text
    assert "&lt;Größe&gt;" in text
    assert '<option value="XS">XS</option>' in text
    Person(browser, f"/edit/{id_}/described/")
    assert sum(each.path.startswith("/v1/metadata") for each in server.requests) == 1


@pytest.mark.parametrize("id_", ["5f0000000000000000000000", "a b"])
def test_a_record_that_is_not_there_is_a_404(browser: Client, id_: str) -> None:
    assert browser.get(f"/edit/{id_}/").status_code == 404


def test_forms_are_rendered_by_django_s_own_ways_too(server: Emulator, kustomer: None) -> None:
    case = clients["default"].as_current()
    with case:
        form = CaseForm(record=Case.get(server.world.add("conversation", name="Hi")))
    for html in (form.as_div(), form.as_p(), form.as_table()):
        assert 'type="hidden" name="kustomer_token" value="' in html
        assert 'name="name" value="Hi"' in html


# -- saved ----------------------------------------------------------------------------------------


def test_what_was_changed_is_sent_and_nothing_else(
    person: Person, server: Emulator, id_: str
) -> None:
    server.world.edit("conversation", id_, priority=5)

    answer = person.post(name="Ho", refund="30", is_vip="", site="")

    assert answer.url == "/saved?name,is_vip,refund,site"
    assert writes(server) == [
        {"name": "Ho", "custom": {"refundNum": 30, "vipBool": None, "siteUrl": None}}
    ]
    assert stored(server, id_)["priority"] == 5


@pytest.mark.parametrize("path", ["edit-at-length", "async-edit"])
def test_it_works_step_by_step_and_in_async_views(
    browser: Client, server: Emulator, id_: str, path: str
) -> None:
    browser.force_login(User.objects.create_user("sam"))
    person = Person(browser, f"/{path}/{id_}/")
    server.world.edit("conversation", id_, name="theirs")

    assert person.post(name="mine").status_code == 409
    assert person.post(resolve__name="mine", priority="4").url == "/saved?name,priority"
    assert writes(server) == [{"name": "mine", "priority": 4}]


def test_lists_are_cleared_by_choosing_nothing(person: Person, server: Emulator, id_: str) -> None:
    assert person.page.posted["tags"][0] == ""

    person.post(tags=[""], assigned_users=[""], colors="")

    now = stored(server, id_)
    assert (now["tags"], now["assignedUsers"], now["custom"]["colorsStr"]) == ([], [], [])


def test_a_field_that_the_page_does_not_have_stays(
    person: Person, server: Emulator, id_: str
) -> None:
    person.post(tags=None, assigned_users=None, note=None, is_vip=None, name="Ho")
    assert writes(server) == [{"name": "Ho"}]


def test_a_sensitive_value_is_kept_or_replaced(
    browser: Client, person: Person, server: Emulator, id_: str
) -> None:
    assert person.page.inputs["card"]["type"] == "password"
    person.post(name="Ho")
    assert stored(server, id_)["custom"]["cardStr"] == "4111"
    Person(browser, person.url).post(card="4222")
    assert stored(server, id_)["custom"]["cardStr"] == "4222"


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(
    person: Person, server: Emulator, id_: str
) -> None:
    answer = person.post(
        name="typed", refund="a lot", due="tomorrow", site="a b", tags=[""], card="4222"
    )

    assert answer.status_code == 422
    assert writes(server) == []
    posted, inputs = person.page.posted, person.page.inputs
    assert (posted["name"], posted["refund"], posted["due"]) == (["typed"], ["a lot"], ["tomorrow"])
    assert posted["tags"] == [""], "what was taken away stays away"
    assert {inputs[name].get("type") for name in ("refund", "due", "site")} == {"text"}
    assert inputs["refund"]["aria-invalid"] == "true"
    assert person.text.count('class="field-error"') == 4
    assert "Enter this again" in person.text, "a secret is not echoed, and that is said"
    assert "4222" not in person.text
    assert person.post(refund="30", due="", site="", card="4222").status_code == 302
    assert stored(server, id_)["name"] == "typed"


def test_clean_hooks_refuse_and_change_values(person: Person, server: Emulator, id_: str) -> None:
    assert person.post(name="test").status_code == 422
    assert "Find a better name." in person.text
    assert person.post(name="Ho!!", tell_the_customer="on").status_code == 302
    assert writes(server) == [{"name": "Ho"}]


# -- conflicts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_a_conflict_is_shown_decided_and_saved(
    person: Person, server: Emulator, id_: str, choice: str
) -> None:
    server.world.edit("conversation", id_, name="theirs", priority=5)

    answer = person.post(name="mine", refund="30")

    assert answer.status_code == 409
    assert writes(server) == []
    assert 'data-field="name"' in person.text
    assert "name" not in person.page.posted
    assert person.page.posted["priority"] == ["5"], "merged"
    assert person.page.posted["refund"] == ["30"]
    assert person.post(resolve__name=choice).status_code == 302
    assert stored(server, id_)["name"] == choice
    assert stored(server, id_)["custom"]["refundNum"] == 30


def test_a_conflict_names_records_and_words_and_not_ids(
    person: Person, server: Emulator, id_: str
) -> None:
    server.world.edit("conversation", id_, custom={"vipBool": None, "colorsStr": ["green"]})

    person.post(is_vip="false", colors="pink")

    assert '<td class="base">Yes</td>' in person.text
    assert "required> \u2013</label>" in person.text
    assert "required> No</label>" in person.text
    assert "red\nblue" in person.text


def test_what_nobody_decided_is_asked_again(person: Person, server: Emulator, id_: str) -> None:
    server.world.edit("conversation", id_, name="theirs")
    person.post(name="mine")

    assert person.post(refund="30").status_code == 409
    assert writes(server) == []
    assert 'value="theirs" required' in person.text
    assert person.page.posted["refund"] == ["30"]
    person.post(resolve__name="mine")
    assert stored(server, id_)["name"] == "mine"


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_a_decision_survives_something_wrong_elsewhere(
    person: Person, server: Emulator, id_: str, choice: str
) -> None:
    server.world.edit("conversation", id_, name="theirs")
    person.post(name="mine")

    assert person.post(resolve__name=choice, refund="a lot").status_code == 422
    assert person.page.posted["name"] == [choice]
    assert person.post(refund="30").status_code == 302
    assert stored(server, id_)["name"] == choice


def test_what_is_merged_gets_the_widget_that_can_show_it(
    person: Person, server: Emulator, id_: str
) -> None:
    person.post(name="one line")
    person = Person(person.browser, person.url)
    assert person.page.inputs["name"]["type"] == "text"
    server.world.edit("conversation", id_, name="two\nlines", custom={"sizeStr": "XXXL"})
    person.post(name="one line", size="S")

    assert person.page.posted["name"] == ["two\r\nlines"]
    person.post(resolve__size="theirs")
    assert stored(server, id_)["name"] == "two\nlines"


def test_two_forms_on_a_page_have_prefixes(browser: Client, server: Emulator, id_: str) -> None:
    other = server.world.add("conversation", name="Other")
    person = Person(browser, f"/edit-two/{id_}/{other}/")
    server.world.edit("conversation", other, name="theirs")

    person.post(**{"first-name": "one", "second-name": "two"})
    assert 'id="second-conflict"' in person.text
    person.post(**{"second-resolve-name": "mine"})

    assert stored(server, id_)["name"] == "one"
    assert stored(server, other)["name"] == "two"


# -- trouble --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (lambda: Fault.status(401, times=None), 502),
        (lambda: Fault.status(404, times=None), 404),
        (lambda: Fault.status(429, times=None), 429),
        (lambda: Fault.status(503, times=None), 502),
        (lambda: Fault.cut_after(method="PATCH", times=None), 502),
    ],
)
def test_trouble_is_told_on_the_page_and_nothing_typed_is_lost(
    person: Person, server: Emulator, id_: str, fault: Any, status: int
) -> None:
    server.faults.add(fault())

    assert person.post(name="typed", tags=[""]).status_code == status
    assert 'class="form-error' in person.text
    assert person.page.posted["name"] == ["typed"]
    assert person.page.posted["tags"] == [""]
    server.faults.clear()
    assert person.post().status_code == 302
    assert stored(server, id_)["name"] == "typed"
    assert stored(server, id_)["tags"] == []


def test_a_form_is_taken_by_a_process_that_has_read_no_choices(
    browser: Client, server: Emulator, id_: str
) -> None:
    """The process that showed the form has ended since, and Kustomer is away."""
    person = Person(browser, f"/edit/{id_}/described/")
    clients.forget()
    server.faults.add(Fault.status(503, times=None))

    assert person.post(name="typed").status_code == 502
    assert person.page.posted["name"] == ["typed"]
    server.faults.clear()
    assert person.post().status_code == 302
    assert stored(server, id_)["tags"] != []


def test_what_the_server_says_about_another_attribute_is_told_with_its_name(
    person: Person, server: Emulator
) -> None:
    body = {"errors": [{"status": 400, "source": {"pointer": "/queue"}, "title": "is closed"}]}
    server.faults.add(Fault.status(400, method="PATCH", body=body))

    assert person.post(name="Ho").status_code == 422
    assert 'class="form-error' in person.text


# -- in code --------------------------------------------------------------------------------------


def posted(form: Any, **changed: Any) -> QueryDict:
    """Give what a browser sends of a form."""
    data = QueryDict(mutable=True)
    for field in form:
        value = field.value()
        data.setlist(field.html_name, value if isinstance(value, list) else [str(value or "")])
    for name, value in changed.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def test_a_form_makes_a_record(server: Emulator, kustomer: None) -> None:
    customer = server.world.add("customer", name="Jane")
    form_class = record_form(Case, ["name", "note"])
    with clients["default"].as_current():
        data = posted(form_class(record=Case(customer=customer)), name="New")
        form = form_class(data)
        form.record.customer = customer
        assert form.is_valid()
        assert form.save()
    assert stored(server, form.record.id)["name"] == "New"
    assert writes(server)[-1] == {"name": "New", "customer": customer}


def test_a_view_looks_at_the_changes_before_it_saves(
    server: Emulator, kustomer: None, id_: str
) -> None:
    with clients["default"].as_current():
        shown = CaseForm(record=Case.get(id_))
        data = posted(shown, name="Ho", due="2026-07-01T05:00")  # in Chicago
        form = CaseForm(data, id=id_)
        assert form.has_changed()
        assert form.changed_data == ["name"], "milliseconds and line breaks are no change"
        with pytest.raises(ValueError, match="is_valid"):
            CaseForm(record=Case.get(id_)).save()
        assert form.is_valid()
        assert form.cleaned_data["name"] == "Ho"
        assert form.cleaned_data["tags"] == stored(server, id_)["tags"]
        assert form.cleaned_data["due"].microsecond == 123000
        assert "kustomer_token" not in form.cleaned_data
        assert list(form.record.changes) == ["name"]
        form.full_clean()
        assert list(form.record.changes) == ["name"]
        saving = form.save()
        assert (bool(saving), form.saved, form.status) == (True, ["name"], 200)
        assert form["name"].value() == "Ho"


def test_widgets_of_anybody_s_choosing_work(server: Emulator, kustomer: None, id_: str) -> None:
    class Widgets(RecordForm):
        class Meta:
            record = Case
            fields = ("tags", "is_vip", "status", "refund")
            widgets = {
                "tags": forms.CheckboxSelectMultiple,
                "is_vip": forms.CheckboxInput,
                "status": forms.RadioSelect,
                "refund": forms.TextInput(attrs={"class": "money"}),
            }

    with clients["default"].as_current():
        shown = Widgets(record=Case.get(id_))
        html = shown.as_div()
        assert html.count("checked") == 4
        assert 'class="money"' in html
        data = posted(shown, refund="3")
        data.setlist("is_vip", ["on"])
        data.setlist("tags", data.getlist("tags")[:1])
        form = Widgets(data, id=id_)
        assert form.is_valid()
        assert form.changed_data == ["tags", "refund"]
        assert "is_vip" in Widgets(posted(shown, refund="3", is_vip="false"), id=id_).changed_data
        server.world.edit("conversation", id_, tags=[], custom={"refundNum": 4})
        assert not form.save()
        again = posted(form)
        del again["refund"]
        again["resolve-refund"] = "theirs"
        assert Widgets(again, id=id_).is_valid()


def test_a_hook_may_edit_a_list(server: Emulator, kustomer: None, id_: str) -> None:
    class Tagged(record_form(Case, ["tags"])):  # type: ignore[misc] # made at run time
        def clean_tags(self) -> Any:
            return [*self.cleaned_data["tags"], "seen"]

    before = stored(server, id_)["tags"]
    with clients["default"].as_current():
        form = Tagged(posted(Tagged(record=Case.get(id_))), id=id_)
        assert form.is_valid()
        assert form.save()
    assert stored(server, id_)["tags"][:-1] == before
    assert writes(server) == [["seen"]], "by the endpoint that adds"


def test_a_form_takes_plain_dicts_and_disabled_fields(
    server: Emulator, kustomer: None, id_: str
) -> None:
    with clients["default"].as_current():
        token = CaseForm(record=Case.get(id_)).token
        form = CaseForm({"kustomer_token": token, "name": "Ho", "priority": "4"}, id=id_)
        form.fields["name"].disabled = True
        assert form.is_valid()
        assert form.changed_data == ["priority"]
        assert form.save()
    assert writes(server) == [{"priority": 4}]


def test_the_client_is_the_request_s_the_record_s_or_the_one_that_is_named(
    server: Emulator, other_server: Emulator, kustomer: None
) -> None:
    id_ = other_server.world.add("conversation", name="Other")
    form_class = record_form(Conversation, ["name"])
    other = clients["other"]
    for form in (
        form_class(record=Conversation.using(other).get(id_)),
        form_class(id=id_, client=other),
        form_class.from_request(RequestFactory().get("/"), id_, client=other),
    ):
        assert form["name"].value() == "Other"
    assert server.requests == []
    with pytest.raises(APIError):
        form_class(id=id_)


# -- declared -------------------------------------------------------------------------------------


def made(owner: str, /, **attrs: Any) -> Any:
    kind: Any = type(RecordForm)
    return kind(owner, (RecordForm,), attrs)


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({"fields": ["name"]}, "record must be a class"),
        ({"record": Case}, "must list"),
        ({"record": Case, "fields": "name"}, "must list"),
        ({"record": Case, "fields": []}, "must list"),
        ({"record": Case, "fields": ["name"], "labels": {"nam": "x"}}, "'nam'"),
        ({"record": Case, "fields": ["created_at"]}, "leave it out"),
    ],
)
def test_what_is_wrong_with_a_form_class_is_said_when_it_is_made(
    meta: dict[str, Any], said: str
) -> None:
    with pytest.raises(DeclarationError, match=said):
        made("Wrong", Meta=type("Meta", (), meta))


def test_a_name_that_is_unknown_or_taken_is_said_too() -> None:
    with pytest.raises(UnknownAttributeError, match="name"):
        record_form(Case, ["nam"])
    about = type("Meta", (), {"record": Case, "fields": ["name"]})
    with pytest.raises(DeclarationError, match="clean_name"):
        made("Twice", Meta=about, name=forms.CharField())
    with pytest.raises(DeclarationError, match="no Meta"):
        RecordForm()
