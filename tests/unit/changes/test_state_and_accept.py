"""The tracker by itself: a baseline, a working set, the difference, and the move of a baseline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kustomer_orm import MISSING
from kustomer_orm.changes import Entry, Extent, State, accept, merge

Kinds = Callable[..., Any]


def state_of(extent: Extent = Extent.WHOLE, **attributes: Any) -> State:
    return State(attributes, {}, extent)


def touch(state: State, kind: Any, value: Any, *, assigned: bool = False) -> Any:
    state.keep(Entry(kind, value, assigned=assigned))
    return value


def payload(state: State) -> dict[str, Any]:
    edits, problems = state.delta()
    assert problems == []
    return {edit.attribute.address: edit.payload for edit in edits}


def accepted(state: State, **answer: Any) -> Any:
    """Send what is dirty, and accept the answer."""
    sent = {edit.attribute.address: edit for edit in state.delta()[0]}
    merged = merge(state, sent, (answer, {}))
    return accept(state, merged, state.extent, sent)


def test_an_untouched_state_encodes_nothing(kind: Kinds) -> None:
    """Pitfall 89: nothing is compared that nobody touched."""
    a, b = kind("a"), kind("b")
    state = state_of(a=[1], b=[2])
    touch(state, a, [1])

    assert not state.is_dirty()

    assert (a.encoded, b.encoded) == (1, 0)


def test_the_difference_comes_in_the_order_of_first_touch(kind: Kinds) -> None:
    state = state_of(a=1, b=1, c=1)
    for name in "cab":
        touch(state, kind(name), 2, assigned=True)

    assert list(payload(state)) == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("extent", "base", "sent"),
    [
        (Extent.WHOLE, MISSING, False),
        (Extent.WHOLE, None, False),
        (Extent.WHOLE, 1, True),
        (Extent.WHOLE, {"isMasked": True}, True),
        (Extent.PARTIAL, MISSING, True),
        (Extent.PARTIAL, None, False),
        (Extent.PARTIAL, 1, True),
    ],
)
def test_none_equals_what_is_known_to_be_unset_and_nothing_else(
    kind: Kinds,
    extent: Extent,
    base: Any,
    sent: bool,  # noqa: FBT001
) -> None:
    """Pitfall 62."""
    state = State({} if base is MISSING else {"a": base}, {}, extent)

    touch(state, kind("a"), None, assigned=True)

    assert payload(state) == ({"a": None} if sent else {})


@pytest.mark.parametrize("empty", [[], {}])
@pytest.mark.parametrize("base", [MISSING, None])
def test_an_absent_container_is_sent_only_once_it_is_filled_or_assigned(
    kind: Kinds, base: Any, empty: Any
) -> None:
    """Pitfalls 31 and 44."""
    state = State({} if base is MISSING else {"a": base}, {}, Extent.WHOLE)
    a = kind("a")

    touch(state, a, empty)
    assert payload(state) == {}
    touch(state, a, type(empty)(), assigned=True)
    assert payload(state) == {"a": empty}


def test_a_value_that_cannot_be_sent_is_a_change_and_a_problem(kind: Kinds) -> None:
    state = state_of(a="x", b="x")
    touch(state, kind("a"), "wrong")
    touch(state, kind("b"), "y")

    edits, problems = state.delta()

    assert state.is_dirty()
    assert ([edit.wire for edit in edits], len(problems)) == (["y"], 1)


def test_what_the_server_holds_is_no_problem_though_it_could_not_be_sent(kind: Kinds) -> None:
    """Pitfall 58."""
    state = state_of(a="wrong")
    touch(state, kind("a"), "wrong")

    assert state.delta() == ([], [])


def test_the_baseline_is_shared_and_never_changed(kind: Kinds) -> None:
    """Pitfalls 14 and 24."""
    document = {"a": [1], "b": {"c": [1]}, "custom": {"x": 1}}
    before = repr(document)
    state = State(document, {}, Extent.WHOLE)
    for name in "ab":
        a = kind(name)
        held = touch(state, a, a.decode(document[name], None))
        held.clear()

    accepted(state, rev=2, custom={"y": 2})

    assert repr(document) == before
    assert state.attributes is not document
    assert state.attributes == {"a": [], "b": {}, "custom": {"x": 1, "y": 2}, "rev": 2}


def test_the_answer_wins_over_what_was_sent_and_over_the_base(kind: Kinds) -> None:
    """The table of the design: base with what was sent and the answer."""
    state = state_of(kept="base", moved="base", sent="base", adjusted="base")
    touch(state, kind("sent"), "mine", assigned=True)
    touch(state, kind("adjusted"), "mine", assigned=True)

    outcome = accepted(state, moved="theirs", adjusted="server's")

    assert state.attributes == {
        "kept": "base",
        "moved": "theirs",
        "sent": "mine",
        "adjusted": "server's",
    }
    assert outcome.adjusted == {"adjusted": ("mine", "server's")}
    assert not state.is_dirty()


def test_a_masked_answer_leaves_what_was_sent(kind: Kinds) -> None:
    """The table of the design."""
    state = state_of(a="base")
    touch(state, kind("a"), "mine", assigned=True)

    outcome = accepted(state, a={"isMasked": True})

    assert (state.attributes, outcome.adjusted) == ({"a": "mine"}, {})


def test_a_container_takes_the_servers_value_in_place(kind: Kinds) -> None:
    """Pitfalls 30 and 43."""
    state = state_of(a=[1])
    a = kind("a")
    held = touch(state, a, [1])
    held.append("2")

    accepted(state, a=[1, 2])

    assert held == [1, 2]
    assert state.seen["a"] is held
    held.append(3)
    assert payload(state) == {"a": [1, 2, 3]}


def test_a_value_that_the_server_made_unreadable_is_forgotten_and_raises_on_reading(
    kind: Kinds,
) -> None:
    """Pitfall 58."""
    state = state_of(a="x")
    touch(state, kind("a"), "x")

    accepted(state, a="corrupt")

    assert state.attributes == {"a": "corrupt"}
    assert (state.entries(), "a" in state.seen) == ([], False)


def test_a_local_edit_is_rebased_and_reported_where_theirs_moved(kind: Kinds) -> None:
    """Pitfall 70."""
    state = state_of(text="a", tags=["a"], other="a")
    touch(state, kind("text"), "mine", assigned=True)
    tags = touch(state, kind("tags", unordered=True), ["a", "mine"])
    touch(state, kind("other"), "a")

    theirs = {"text": "theirs", "tags": ["a", "theirs"], "other": "theirs"}
    outcome = accept(state, (theirs, {}), Extent.WHOLE, {})

    assert outcome.overlaps == {"text": ("mine", "theirs")}
    assert tags == ["a", "theirs", "mine"]
    assert payload(state) == {"text": "mine", "tags": ["a", "theirs", "mine"]}


def test_a_local_edit_that_equals_theirs_is_clean(kind: Kinds) -> None:
    """Pitfall 33."""
    state = state_of(a="a", b=["a"])
    touch(state, kind("a"), "b", assigned=True)
    touch(state, kind("b", unordered=True), ["a", "b"])

    outcome = accept(state, ({"a": "b", "b": ["b", "a"]}, {}), Extent.WHOLE, {})

    assert (payload(state), outcome.overlaps) == ({}, {})


def test_a_half_edited_value_stays_until_it_can_be_sent(kind: Kinds) -> None:
    """Pitfall 20."""
    state = state_of(a="a", b="b")
    touch(state, kind("a"), "wrong")
    touch(state, kind("b"), "c", assigned=True)
    sent = {edit.attribute.address: edit for edit in state.delta()[0]}

    accept(state, merge(state, sent, ({}, {})), Extent.WHOLE, sent)

    edits, problems = state.delta()
    assert (edits, len(problems)) == ([], 1)


def test_a_copy_shares_the_baseline_and_nothing_else(kind: Kinds) -> None:
    """Pitfalls 25 and 86."""
    state = state_of(a=[1])
    held = touch(state, kind("a"), [1, {"x": 2}])

    twin = state.copy()
    held[1]["x"] = 3

    assert twin.attributes is state.attributes
    assert (payload(twin), payload(state)) == ({"a": [1, {"x": 2}]}, {"a": [1, {"x": 3}]})


def test_two_untouched_states_do_not_share_what_one_of_them_read(kind: Kinds) -> None:
    """Pitfall 80: the empty memo stands for all of them, so nobody may write to it."""
    first, second = state_of(a=1), state_of(a=2)

    first.remember("a", 1)
    touch(first, kind("b"), [1])
    first.reset(first.working)

    assert (dict(second.seen), second.working) == ({}, None)
