"""What metadata says is read as people set it up, and names are the keys' alone."""

from __future__ import annotations

import keyword
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kustomer_orm.metadata import Property, attribute_of, names_of, properties_of


def read(**facts: Any) -> Property:
    (found,) = properties_of({"attributes": {"properties": {"aStr": facts}}})
    return found


def test_what_was_deleted_is_not_there() -> None:
    facts = {
        "aStr": {"deletedAt": "2026-01-01T00:00:00.000Z"},
        "bStr": {"deleted": True},
        "cStr": {},
    }

    assert [one.key for one in properties_of({"attributes": {"properties": facts}})] == ["cStr"]


@pytest.mark.parametrize("attributes", [{}, {"properties": None}, {"properties": {"aStr": None}}])
def test_metadata_without_properties_has_none(attributes: dict[str, Any]) -> None:
    assert properties_of({"attributes": attributes}) == []


@pytest.mark.parametrize("told", [{"multi": True}, {"array": True}])
def test_both_words_for_several_values_are_understood(told: dict[str, Any]) -> None:
    assert read(**told).many
    assert not read(multi=False).many


@pytest.mark.parametrize(
    ("told", "sensitive"),
    [
        (True, True),
        ({"enabled": True, "maskType": "full"}, True),
        ({"enabled": False}, False),
        (None, False),
    ],
)
def test_both_spellings_of_sensitive_are_understood(told: Any, *, sensitive: bool) -> None:
    assert read(sensitive=told).sensitive is sensitive


def test_an_enumeration_that_is_no_list_of_words_is_none() -> None:
    assert read(enumeration=True).choices == ()
    assert read(enumeration=["a", 1, None, "a", "b"]).choices == ("a", "b")


TREE = {
    "children": [
        {
            "id": "returns",
            "displayName": "Returns",
            "children": [{"id": "damaged"}, {"displayName": "?"}],
        },
        {"id": "billing", "displayName": "Billing", "children": []},
        "nonsense",
    ]
}


def test_a_tree_gives_the_path_of_each_node() -> None:
    found = read(tree=TREE)

    assert found.choices == ("returns", "returns.damaged", "billing")
    assert found.labels == ("Returns", "damaged", "Billing")


def test_only_last_nodes_where_the_metadata_says_so() -> None:
    assert read(tree=TREE, lastNodeRequired=True).choices == ("returns.damaged", "billing")


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        (Property("aStr"), "Str"),
        (Property("aStr", many=True), "Strs"),
        (Property("aTxt", many=True), ""),
        (Property("aId", target="customer"), "Id"),
        (Property("aId", target="customer", many=True), "Id"),
        (Property("aId"), ""),
        (Property("Str"), ""),
        (Property("strange"), ""),
        (Property("aTree"), "Tree"),
    ],
)
def test_each_property_has_its_class(facts: Property, kind: str) -> None:
    attribute = attribute_of(facts)

    assert facts.kind == kind
    assert (attribute is None) == (not kind)
    assert attribute is None or attribute.key == facts.key


KEYS = st.lists(st.text(min_size=1, max_size=12).map(lambda text: f"{text}Str"), unique=True)


@given(keys=KEYS, more=KEYS)
def test_names_are_identifiers_of_their_own(keys: list[str], more: list[str]) -> None:
    taken = ["name", "save", *more[:2]]
    names = names_of(keys, taken)

    assert list(names) == keys
    assert len(set(names.values())) == len(keys)
    for name in names.values():
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert name not in taken
        assert not name.startswith("_")


@given(keys=KEYS)
def test_names_do_not_depend_on_the_order(keys: list[str]) -> None:
    assert names_of(sorted(keys)) == names_of(sorted(keys, reverse=True))
