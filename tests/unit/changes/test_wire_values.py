"""Wire values: compared by type, copied, and moved into containers that somebody holds."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from kustomer_orm.changes import copy_json, is_masked, rebase, revision, same_json, sync

DIFFERENT: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    2,
    0.5,
    "",
    "0",
    "1",
    "true",
    [],
    [0],
    [False],
    [1],
    [True],
    [[1]],
    [1, 2],
    [2, 1],
    {},
    {"a": 1},
    {"a": True},
    {"a": None},
    {"b": None},
    {"a": [1]},
    {"a": [True]},
    {"a": {"b": 0}},
    {"a": {"b": False}},
    2**53,
    2**53 + 1,
]


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(DIFFERENT, 2)))
def test_different_values_are_different_both_ways(first: Any, second: Any) -> None:
    """Pitfall 8."""
    assert not same_json(first, second)
    assert not same_json(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1, 1.0),
        (0, -0.0),
        ({"a": 1, "b": [2.0]}, {"b": [2], "a": 1.0}),
        ([{"a": None}], [{"a": None}]),
        ("é", "é"),
    ],
)
def test_equal_values_are_equal_both_ways(first: Any, second: Any) -> None:
    """Pitfalls 33 and 42."""
    assert same_json(first, second)
    assert same_json(second, first)


@pytest.mark.parametrize("value", DIFFERENT)
def test_a_copy_is_equal_and_shares_no_container(value: Any) -> None:
    """Pitfalls 14 and 86."""
    twin = copy_json(value)

    assert same_json(value, twin)
    assert containers(twin).isdisjoint(containers(value))


class Labels(list[Any]):
    """A list of somebody's own class."""


def test_containers_of_a_class_of_their_own_are_copied_as_plain_ones() -> None:
    """Pitfall 86."""
    value = {"a": Labels([Labels([1])])}

    twin = copy_json(value)

    assert twin == {"a": [[1]]}
    assert type(twin["a"]) is type(twin["a"][0]) is list


def containers(value: Any) -> set[int]:
    if isinstance(value, list):
        return {id(value)}.union(*map(containers, value))
    if isinstance(value, dict):
        return {id(value)}.union(*map(containers, value.values()))
    return set()


CONTAINERS = [each for each in DIFFERENT if isinstance(each, list | dict)]


@pytest.mark.parametrize(
    ("old", "new"),
    [(a, b) for a, b in itertools.product(CONTAINERS, repeat=2) if type(a) is type(b)],
)
def test_moving_a_container_makes_it_equal_and_keeps_it(old: Any, new: Any) -> None:
    """Pitfall 30."""
    target, source = copy_json(old), copy_json(new)
    held = id(target)

    sync(target, source)

    assert id(target) == held
    assert same_json(target, new)
    assert same_json(source, new)


def test_rows_are_followed_to_the_place_where_they_now_stand() -> None:
    """Pitfall 30."""
    first, second = {"n": 1}, {"n": 2}
    target = [first, second]

    sync(target, [{"n": 2}, {"n": 1}, {"n": 3}])

    assert target == [{"n": 2}, {"n": 1}, {"n": 3}]
    assert (target[0] is second, target[1] is first) == (True, True)


def test_a_row_that_was_rewritten_where_it_stood_stays_the_one_that_is_held() -> None:
    """Pitfall 30."""
    first, second = {"n": 1, "in": {"m": 1}}, {"n": 2}
    inner = first["in"]
    target = [first, second]

    sync(target, [{"n": 1, "in": {"m": 9}}, {"n": 2}])

    assert target[0] is first
    assert first["in"] is inner
    assert inner == {"m": 9}


def test_two_equal_rows_stay_two_objects() -> None:
    """Pitfall 5."""
    target: list[Any] = [{"n": 1}]

    sync(target, [{"n": 1}, {"n": 1}])

    assert target == [{"n": 1}, {"n": 1}]
    assert target[0] is not target[1]


def test_a_bool_replaces_its_number_in_place() -> None:
    """Pitfall 8."""
    target: Any = {"a": 1, "b": [0]}

    sync(target, {"a": True, "b": [False]})

    assert repr(target) == repr({"a": True, "b": [False]})


@pytest.mark.parametrize(
    ("wire", "masked"),
    [
        ({"isMasked": True, "maskedPresentation": "*"}, True),
        ({"isMasked": False}, False),
        ({"isMasked": 1}, False),
        ({}, False),
        ([{"isMasked": True}], False),
        (None, False),
    ],
)
def test_what_is_masked_says_so(wire: Any, masked: bool) -> None:  # noqa: FBT001
    """Pitfall 67."""
    assert is_masked(wire) is masked


AB = {"a": 1, "b": 1}
XY = {"x": 1, "y": 1}

# What was read, mine, theirs, the merged value, and whether both had changed the same thing.
REBASES: dict[str, tuple[Any, Any, Any, Any, bool]] = {
    "theirs moved another key": (AB, {"a": 2, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 2}, False),
    "both moved one key": ({"a": 1}, {"a": 2}, {"a": 3}, {"a": 2}, True),
    "both moved it alike": ({"a": 1}, {"a": 2}, {"a": 2}, {"a": 2}, False),
    "I deleted, they kept": (AB, {"b": 1}, {"a": 1, "b": 2}, {"b": 2}, False),
    "I deleted, they moved": ({"a": 1}, {}, {"a": 2}, {}, True),
    "they deleted, I moved": ({"a": 1}, {"a": 2}, {}, {"a": 2}, True),
    "both added, other keys": ({}, {"a": 1}, {"b": 1}, {"a": 1, "b": 1}, False),
    "deep": (
        {"in": XY},
        {"in": {"x": 2, "y": 1}},
        {"in": {"x": 1, "y": 2}},
        {"in": {"x": 2, "y": 2}},
        False,
    ),
    "a bool for a number": ({"a": 1}, {"a": True}, {"a": 1}, {"a": True}, False),
    "a list, theirs stood still": ([1], [1, 2], [1], [1, 2], False),
    "a list, theirs moved": ([1], [1, 2], [0], [1, 2], True),
    "a text, theirs moved": ("a", "b", "c", "b", True),
}


@pytest.mark.parametrize(
    ("reference", "mine", "theirs", "merged", "overlap"),
    list(REBASES.values()),
    ids=list(REBASES),
)
def test_a_local_edit_is_carried_over(
    reference: Any,
    mine: Any,
    theirs: Any,
    merged: Any,
    overlap: bool,  # noqa: FBT001
) -> None:
    """The design: dicts key by key, of anything else mine stays whole and is an overlap."""
    result = rebase(reference, mine, theirs, unordered=False)

    assert (repr(sorted_keys(result.wire)), result.overlap) == (repr(sorted_keys(merged)), overlap)


def sorted_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    return value


@pytest.mark.parametrize(
    ("reference", "mine", "theirs", "merged"),
    [
        (["a"], ["a", "m"], ["a", "t"], {"a", "t", "m"}),
        (["a", "b"], ["b"], ["a", "b", "t"], {"b", "t"}),
        (["a", "b"], ["a"], ["b"], set()),
        (["a"], ["m"], ["t"], {"t", "m"}),
        ([], ["x"], ["x"], {"x"}),
        (None, ["x"], ["y"], {"x", "y"}),
    ],
)
def test_unordered_lists_merge_as_sets(
    reference: Any, mine: Any, theirs: Any, merged: set[str]
) -> None:
    """Pitfall 51: nobody's tag vanishes because two people added one."""
    result = rebase(reference, mine, theirs, unordered=True)

    assert isinstance(result.wire, list)
    assert (set(result.wire), len(result.wire), result.overlap) == (merged, len(merged), False)


@pytest.mark.parametrize(
    ("rev", "known"), [(0, 0), (7, 7), (7.0, 7), (2**53, 2**53), (True, None), ("7", None)]
)
def test_a_revision_is_a_count(rev: Any, known: int | None) -> None:
    assert revision({"rev": rev}) == known
    assert revision({}) is None


@pytest.mark.parametrize(
    "rev", [-1, -400, 2**53 + 1, 10**400, 1e300, float("inf"), float("nan"), -0.5]
)
def test_a_number_that_counts_nothing_is_no_revision(rev: Any) -> None:
    assert revision({"rev": rev}) is None
