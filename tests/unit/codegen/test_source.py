"""The module that is written: laid out, typed, stable, and true to what was read."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kustomer_orm.codegen import drifts_between, source_of
from kustomer_orm.metadata import MOST_CHOICES, Property, properties_of
from kustomer_orm.reflection import Model
from tests.unit.codegen.organisations import MODELS, ODD


def run(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "models_of_a_test"}
    exec(compile(source, "models.py", "exec", dont_inherit=True), names)
    return names


def test_the_module_is_laid_out_as_ruff_does_and_has_nothing_to_mend(tmp_path: Path) -> None:
    written = tmp_path / "models.py"
    written.write_text(source_of(MODELS, "acme"), "utf-8")
    for words in (["format", "--diff"], ["check", "--select", "E4,E7,E9,F,I,UP,PIE,RET,SIM,W"]):
        command = [sys.executable, "-m", "ruff", *words, "--isolated", str(written)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_module_declares_what_was_read() -> None:
    names = run(source_of(MODELS, "acme", default=False))
    classes = [
        value for name, value in names.items() if name[:1].isupper() and hasattr(value, "type")
    ]

    assert {cls.type for cls in classes} == {
        model.type for model in MODELS if model.properties or model.klass
    }
    assert drifts_between(MODELS, classes) == []
    conversation = names["Conversation"]
    assert conversation.size.choices == ("S", "M", "L")
    assert conversation.quotes.choices == ODD[1].choices
    assert conversation.orders.kind.type_name == "kobject.order"
    assert conversation.ssn.sensitive
    assert names["ConversationObject"].type == "kobject.conversation"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("orderNum", "order_num"),
        ("orderStr", "order_str"),
        ("nameStr", "name_str"),
        ("namesStr", "names"),
        ("classStr", "class_str"),
        ("customTxt", "custom_txt"),
        ("getArgsStr", "get_args_str"),
        ("printStr", "print_str"),
        ("@timerDurationMinutesNum", "timer_duration_minutes"),
        ("2ndAt", "custom_2nd"),
        ("über-maßBool", "über_maß"),
    ],
)
def test_each_key_has_its_name(key: str, name: str) -> None:
    conversation = run(source_of(MODELS, "acme", default=False))["Conversation"]

    assert conversation._by_address[f"custom.{key}"].name == name


def test_what_cannot_be_declared_is_said_in_a_comment() -> None:
    source = source_of(MODELS, "acme")

    for key in ("manyTree", "lostId", "mystery"):
        assert f'# "{key}" is not declared: ' in source


def test_the_text_does_not_depend_on_the_order_of_the_answer() -> None:
    shuffled = list(ODD)
    random.Random(1).shuffle(shuffled)
    facts = {"properties": {one.key: {"displayName": one.title} for one in shuffled}}
    again = {"properties": {one.key: {"displayName": one.title} for one in ODD}}

    def written(attributes: dict[str, Any]) -> str:
        found = tuple(properties_of({"attributes": attributes}))
        return source_of([Model("conversation", "", found)], "acme")

    assert written(facts) == written(again)


def test_one_more_attribute_changes_only_its_own_lines() -> None:

    more = tuple(sorted((*ODD, Property("zebraBool", "Zebra")), key=lambda one: one.key))
    ordered = tuple(sorted(ODD, key=lambda one: one.key))
    before = source_of([Model("conversation", "", ordered)], "acme").splitlines()
    after = source_of([Model("conversation", "", more)], "acme").splitlines()

    assert len(after) == len(before) + 2
    assert [line for line in after if line not in before] == [
        '    zebra = custom.Bool("zebraBool")',
        '    """Zebra."""',
    ]


def test_more_choices_than_a_checker_can_bear_are_left_open() -> None:
    many = tuple(f"word {number}" for number in range(MOST_CHOICES + 1))
    model = Model("conversation", "", (Property("sizeStr", choices=many),))

    assert "Literal" not in source_of([model], "acme")
    assert (
        drifts_between([model], [run(source_of([model], "acme", default=False))["Conversation"]])
        == []
    )


def test_an_organisation_without_custom_attributes_has_an_empty_module() -> None:
    source = source_of([Model("conversation", "", ())], "acme")

    assert "import" not in source
    assert run(source)["__doc__"].startswith("Custom attributes of the organisation acme")


def test_the_classes_are_defaults_unless_told_otherwise() -> None:
    assert "default=True" in source_of(MODELS, "acme")
    assert "default=True" not in source_of(MODELS, "acme", default=False)


@pytest.mark.parametrize("klass", ["literal", "typeAlias", "get-args", "Custom", "kustomer_orm"])
def test_a_klass_does_not_hide_what_the_module_imports(klass: str) -> None:
    choices = Property("sizeStr", choices=("S", "M"))
    source = source_of([Model(f"kobject.{klass}", "", (choices,))], "acme", default=False)
    names = run(source)

    classes = [each for each in names.values() if getattr(each, "type", "") == f"kobject.{klass}"]
    assert [cls.size.choices for cls in classes] == [("S", "M")]
    assert f"class {classes[0].__name__}" in source
    assert classes[0].__name__ not in {"Literal", "TypeAlias", "get_args"}


@pytest.mark.parametrize("title", ["", "  ", "\n", "\x1c"])
def test_a_blank_display_name_is_none(title: str) -> None:
    told = {"attributes": {"properties": {"sizeStr": {"displayName": title}}}}
    (facts,) = properties_of(told)

    assert facts.title == ""
    assert "size = custom.Str" in source_of([Model("customer", "", (facts,))], "acme")
