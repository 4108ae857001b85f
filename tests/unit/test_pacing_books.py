"""The books of one budget: when one more request may go, whatever the server and the network do."""

from __future__ import annotations

import heapq
import random

import pytest

from kustomer_orm.transport.budget import WINDOW, Budget, Send
from kustomer_orm.transport.limit_headers import NOTHING, Counts, counts, object_counts, reset_in


def sent(budget: Budget, now: float, *, answered: float | None = None) -> Send:
    send = budget.plan(now)
    assert send.go <= now
    budget.leave(send, now)
    if answered is not None:
        budget.answered(send, answered)
    return send


def told(budget: Budget, now: float, remaining: int, limit: int | None = 100) -> None:
    send = sent(budget, now, answered=now)
    budget.observe(Counts(limit, remaining), send, now)


# -- our own sends -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_no_60_seconds_of_the_server_hold_more_than_the_limit_however_slow_it_is(seed: int) -> None:
    chance = random.Random(seed)
    budget, now = Budget("organisation", reserve=0.05, limit=40), 0.0
    under_way: list[tuple[float, int, Send]] = []
    arrivals: list[float] = []
    for number in range(600):
        send = budget.plan(now)
        while send.go > now:
            # Somebody else's answer may come before it is our turn.
            if under_way and under_way[0][0] <= send.go:
                now, _, done = heapq.heappop(under_way)
                budget.answered(done, now)
            else:
                now = send.go
            budget.look_again(send, now)
        budget.leave(send, now)
        took = chance.choice([0.01, 0.2, 3.0, 20.0])
        arrivals.append(now + chance.random() * took)
        heapq.heappush(under_way, (now + took, number, send))

    arrivals.sort()
    fullest = max(
        sum(start <= at < start + WINDOW for at in arrivals[place : place + 45])
        for place, start in enumerate(arrivals)
    )
    assert fullest <= 38
    assert fullest >= 36


def test_a_place_is_free_a_window_after_the_answer() -> None:
    budget = Budget("organisation", limit=2)
    sent(budget, 0.0, answered=1.0)
    sent(budget, 5.0, answered=9.0)

    first, second = budget.plan(10.0), budget.plan(10.0)

    assert (first.go, second.go) == (61.0, 69.0)
    budget.look_again(first, 61.0)
    assert first.go == 61.0


def test_a_request_without_an_answer_keeps_its_place() -> None:
    budget = Budget("organisation", limit=1)
    slow = sent(budget, 0.0)
    assert budget.plan(100.0).go > 100.0
    budget.answered(slow, 110.0)
    budget = Budget("organisation", limit=1)
    sent(budget, 0.0, answered=1.0)
    assert budget.plan(61.0).go == 61.0


def test_who_comes_first_goes_first_and_who_gives_up_makes_room() -> None:
    budget = Budget("organisation", limit=1)
    sent(budget, 0.0, answered=0.0)
    early, late = budget.plan(1.0), budget.plan(2.0)
    assert (early.go, late.go) == (60.0, 120.0)

    budget.look_again(late, 60.0)
    assert late.go == 120.0
    budget.cancel(early)
    budget.look_again(late, 60.0)
    assert late.go == 60.0


def test_a_request_that_was_let_go_and_not_sent_gives_its_place_back() -> None:
    budget = Budget("object", limit=1)
    send = sent(budget, 0.0)
    budget.cancel(send)
    assert budget.plan(1.0).go == 1.0


# -- what the headers say ------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "kept"), [(1000, 20), (300, 6), (101, 3), (2, 1), (1, 0)])
def test_a_share_is_kept_for_others_and_one_request_can_always_go(limit: int, kept: int) -> None:
    assert Budget("organisation", reserve=0.02).kept(limit) == kept
    assert Budget("organisation").kept(limit) == 0


def test_what_is_left_less_what_is_under_way_may_go_until_the_window_is_over() -> None:
    budget = Budget("organisation", reserve=0.02)
    told(budget, 0.0, remaining=6)
    for _ in range(3):
        sent(budget, 1.0)
    fourth, fifth = budget.plan(1.0), budget.plan(1.0)
    assert (fourth.go, fifth.go) == (1.0, 60.0)


def test_what_others_have_used_counts_against_our_own_window_and_ages_out() -> None:
    budget = Budget("organisation", limit=100)
    told(budget, 0.0, remaining=69)  # one of ours, thirty of theirs
    told(budget, 59.0, remaining=68)
    assert budget.used(59.0) == 32
    # The server's window is over; as many of theirs are expected again, and ours still count.
    for _ in range(69):
        sent(budget, 60.5, answered=60.5)
    assert budget.plan(60.5).go == 119.0
    assert Budget("organisation", limit=100).plan(60.5).go == 60.5


def test_a_spike_of_others_takes_at_most_half_of_the_next_window() -> None:
    budget = Budget("organisation", limit=100)
    told(budget, 0.0, remaining=99)
    told(budget, 30.0, remaining=0)
    assert budget.plan(30.0).go == 60.0
    for _ in range(48):
        sent(budget, 60.0, answered=60.0)
    assert budget.plan(60.0).go == 90.0


def test_an_answer_that_was_overtaken_says_nothing_new() -> None:
    budget = Budget("organisation", limit=100)
    first, second = sent(budget, 0.0), sent(budget, 0.0)
    budget.answered(second, 1.0)
    budget.observe(Counts(100, 50), second, 1.0)
    budget.answered(first, 1.5)
    budget.observe(Counts(100, 51), first, 1.5)
    assert budget.left_over(1.5) == 50


def test_a_request_sent_later_that_has_more_left_shows_a_new_window() -> None:
    budget = Budget("organisation", limit=100)
    told(budget, 0.0, remaining=3)
    told(budget, 30.0, remaining=99)
    assert budget.left_over(31.0) == 99
    assert budget.left_over(89.0) == 99
    assert budget.left_over(90.0) is None


def test_the_reset_ends_the_window_before_its_latest_end_and_never_after() -> None:
    budget = Budget("organisation", limit=100)
    send = sent(budget, 0.0, answered=0.0)
    budget.observe(Counts(100, 0), send, 0.0, reset=12.0)
    assert budget.plan(0.0).go == 12.0
    budget = Budget("organisation", limit=100)
    send = sent(budget, 0.0, answered=0.0)
    budget.observe(Counts(100, 0), send, 0.0, reset=500.0)
    assert budget.plan(0.0).go == 60.0


def test_only_one_asks_while_nothing_is_known_and_another_after_a_second() -> None:
    budget = Budget("organisation", looks=True)
    assert not budget.must_look_first(0.0)
    first = sent(budget, 0.0)
    assert budget.must_look_first(0.5)
    assert not budget.must_look_first(1.0)
    budget.answered(first, 1.0)
    budget.observe(NOTHING, first, 1.0)
    sent(budget, 1.0)
    assert not budget.must_look_first(1.0)  # this server tells nothing


def test_a_hold_holds_and_an_idle_budget_can_be_forgotten() -> None:
    budget = Budget("object")
    assert budget.is_idle(0.0)
    budget.hold(30.0)
    assert budget.plan(0.0).go == 30.0
    assert not budget.is_idle(0.0)


def test_the_books_do_not_grow_for_ever() -> None:
    budget = Budget("organisation", limit=10_000)
    for second in range(5000):
        sent(budget, float(second), answered=float(second))
    assert len(budget._sends) <= 61
    assert len(budget._times) <= 250


# -- reading them --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "remaining", "read"),
    [
        ("1000", "999", (1000, 999)),
        (" 1000 ", "0", (1000, 0)),
        ("1000.0", "-3", (1000, 0)),
        ("1000", "1001", (1000, None)),
        ("0", "5", (None, 5)),
        ("-1", "nan", (None, None)),
        ("inf", "1e400", (None, None)),
        ("1000, 1000", "", (None, None)),
        ("3OO", "soon", (None, None)),
        ("9" * 400, "7", (None, 7)),
        (None, "7", (None, 7)),
        ("300", None, (300, None)),
    ],
)
def test_headers_are_read_as_numbers_and_garbage_as_nothing(
    limit: str | None, remaining: str | None, read: tuple[int | None, int | None]
) -> None:
    given = {"limit": limit, "remaining": remaining}
    headers = {f"x-ratelimit-{name}": text for name, text in given.items() if text is not None}
    assert counts(headers) == Counts(*read)
    objects = {name.replace("limit-", "limit-object-", 1): text for name, text in headers.items()}
    assert object_counts(objects) == Counts(*read)
    assert counts({}) is NOTHING


@pytest.mark.parametrize(
    ("text", "left"), [("1030", 30.0), ("1000", None), ("900", None), ("1062", None), ("x", None)]
)
def test_a_reset_that_is_past_or_beyond_a_window_says_that_clocks_differ(
    text: str, left: float | None
) -> None:
    assert reset_in({"x-ratelimit-reset": text}, 1000.0, 61.0) == left
    assert reset_in({}, 1000.0, 61.0) is None
