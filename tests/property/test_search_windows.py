"""A search gives every record that was there throughout, once, whatever others write meanwhile."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kustomer_orm import Client, Clock, Conversation
from kustomer_orm.emulator import Behaviour, Emulator, Exchange, Fault

EXAMPLES = int(os.environ.get("KUSTOMER_SEARCHES", "25"))
MOST_RECORDS = int(os.environ.get("KUSTOMER_SEARCH_RECORDS", "1500"))
START = datetime(2026, 1, 1, tzinfo=UTC)


class Time:
    """A clock of the emulator's that moves on with each request."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def world(time: Time, records: int, clumps: int, random: Random) -> Emulator:
    """Make an emulator whose records were updated at few moments, so that many share one."""
    behaviour = Behaviour(rate_limit=None, search_limit=None, object_limit=None)
    behaviour.search_ties = random.choice(("stable", "shuffled"))
    server = Emulator(clock=time, behaviour=behaviour)
    customer = server.world.add("customer", name="Jane")
    moments = sorted(random.choices(range(records), k=clumps))
    for number in range(records):
        if number in moments:
            time.now += timedelta(milliseconds=random.choice((1, 1, 1000)))
        server.world.add("conversation", name=str(number), customer=customer)
    return server


def writes(server: Emulator, time: Time, ids: list[str], random: Random) -> Fault:
    """Have colleagues write before each request, and make and delete records of their own."""

    def meanwhile(exchange: Exchange) -> None:
        time.now += timedelta(seconds=random.choice((0, 0, 1, 30)))
        for _ in range(random.choice((0, 1, 3, 20))):
            server.world.edit("conversation", random.choice(ids), name="theirs")
        if random.random() < 0.3:
            server.world.add("conversation", name="new")

    return Fault.before(meanwhile, path="/v1/customers/search")


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    records=st.integers(1, MOST_RECORDS),
    clumps=st.integers(1, 40),
    size=st.sampled_from((7, 50, 100, 500)),
    lag=st.sampled_from((0, 60)),
    seed=st.integers(0, 2**32),
)
def test_every_record_that_was_there_comes_once(
    records: int, clumps: int, size: int, lag: int, seed: int
) -> None:
    random, time = Random(seed), Time()
    size = max(size, records // 150)  # or the test would take minutes
    # Its answers are checked against the contract elsewhere; here there are too many.
    nobody: list[Callable[[Exchange], None]] = []
    with (
        mock.patch.object(Emulator, "observers", nobody),
        world(time, records, clumps, random) as server,
    ):
        ids = server.world.ids("conversation")
        if lag:
            server.world.index.lag_of = lambda record: random.uniform(0, lag)
        server.faults.add(writes(server, time, ids, random))
        client = Client(server.api_key, base_url=server.url, rate_limit="off", clock=Clock())
        query = Conversation.using(client).search().page_size(size)

        found = Counter(str(record.id) for record in query)
        client.close()

    twice = [id_ for id_, count in found.items() if count > 1]
    missed = set(ids) - set(found)
    assert (twice, missed) == ([], set())
