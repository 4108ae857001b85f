"""Bulk saving over a bad line: nothing is called saved that is not, and nothing is made twice."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from kustomer_orm import BulkResult, Client, Clock, Customer, resume_bulk
from kustomer_orm.emulator import Emulator, Fault

# So that a few records make several jobs.
BATCH = "kustomer_orm.records.saving_many.MOST_ITEMS"

FAULTS = {
    "an answer is lost": lambda: Fault.cut_after(path="*/bulk", method=None),
    "a request is lost": lambda: Fault.cut_before(path="*/bulk", method=None),
    "a gateway": lambda: Fault.html(502, acts=True, path="*/bulk"),
    "a refusal": lambda: Fault.status(403, path="*/bulk"),
    "polls fail": lambda: Fault.status(503, path="/v1/bulk/*", times=9),
    "reads fail": lambda: Fault.status(503, method="GET", times=None),
    "outcomes are hidden": lambda: Fault.status(403, path="*/batches", times=None),
}


class Case(NamedTuple):
    """What goes wrong, and what the server is like."""

    client_ref: str
    polling: str
    order: str
    old: int
    keys: list[bool]
    refused: frozenset[int]
    faults: list[str]
    skip: int
    cut_at: int | None
    cut_after: bool


cases = st.builds(
    Case,
    client_ref=st.sampled_from(["accepted", "refused"]),
    polling=st.sampled_from(["batches", "status", "none"]),
    order=st.sampled_from(["given", "reversed", "shuffled"]),
    old=st.integers(1, 5),
    keys=st.lists(st.booleans(), max_size=5),
    refused=st.frozensets(st.integers(0, 9), max_size=3),
    faults=st.lists(st.sampled_from(sorted(FAULTS)), max_size=2),
    skip=st.integers(0, 2),
    cut_at=st.none() | st.integers(1, 12),
    cut_after=st.booleans(),
)


class World(NamedTuple):
    """A server, and records that are to be saved in it."""

    server: Emulator
    client: Client
    old: list[Customer]
    new: list[Customer]

    def stored(self, record: Customer) -> Any:
        return self.server.world.get("customer", str(record.id))["attributes"]

    def names(self) -> Counter[str]:
        world = self.server.world
        names = [world.get("customer", id_)["attributes"]["name"] for id_ in world.ids("customer")]
        return Counter(name for name in names if name.startswith("new"))


def made(server: Emulator, client: Client, case: Case) -> World:
    for switch in ("client_ref", "polling", "order"):
        setattr(server.behaviour, f"bulk_{switch}", getattr(case, switch))
    old = Customer.get_many([server.world.add("customer", name="A") for _ in range(case.old)])
    for number, record in enumerate(old):
        record.name = f"old {number}"
    new = [
        Customer(name=f"new {number}", **({"external_id": f"X {number}"} if key else {}))
        for number, key in enumerate(case.keys)
    ]
    refused = {f"{kind} {number}" for number in case.refused for kind in ("old", "new")}
    server.bulk.refuse = lambda item: "out of luck" if item.get("name") in refused else None
    for fault in case.faults:
        one = FAULTS[fault]()
        one.skip = case.skip
        server.faults.add(one)
    return World(server, client, old, new)


def save(world: World, case: Case, journal: Path) -> BulkResult:
    """Save all of it, with Ctrl-C at some request."""
    client, count = world.client, [0]

    def cut(act: Any) -> Any:
        def acted(given: Any) -> Any:
            count[0] += 1
            if count[0] == case.cut_at and not case.cut_after:
                raise KeyboardInterrupt
            answer = act(given)
            if count[0] == case.cut_at:
                raise KeyboardInterrupt
            return answer

        return acted

    bulk = client.bulk(journal=journal, timeout=3)
    finished = False

    def block() -> None:
        with bulk:
            bulk.save_all([*world.old, *world.new])

    read, write = cut(client.read), cut(client.write)
    with (
        mock.patch.object(client, "read", read),
        mock.patch.object(client, "write", write),
        contextlib.suppress(KeyboardInterrupt),
    ):
        block()
        finished = True
    if not finished:
        return bulk.result
    told = [*bulk.result.failed, *bulk.result.unknown]
    done = len(bulk.result.saved) + len(bulk.result.created)
    assert len(told) + done == len(world.old) + len(world.new)
    return bulk.result


def check(world: World, result: BulkResult) -> None:
    """Nothing is called what it is not."""
    unknown = {id(failure.record) for failure in result.unknown}
    failed = {id(failure.record) for failure in result.failed}
    assert not unknown & failed
    for record in world.old:
        stored = world.stored(record)
        assert stored["rev"] <= 2
        if record.id in result.saved or not record.is_dirty:
            assert stored["name"] == record.name
        if id(record) in failed:
            assert stored["rev"] == 1
            assert record.is_dirty
        assert record.in_doubt == (id(record) in unknown)
    ids = [record.id for record in world.new if record.id is not None]
    assert len(ids) == len(set(ids)) == len(result.created)
    for record in world.new:
        if record.id is not None:
            assert world.stored(record)["name"] == record.name
        elif id(record) in failed or id(record) not in unknown:
            assert world.names()[str(record.name)] == 0
    assert max(world.names().values(), default=0) <= 1


@settings(settings.get_profile("kustomer"))
@given(case=cases, again=st.booleans())
def test_over_a_bad_line_nothing_is_lost_and_nothing_is_made_twice(
    case: Case, *, again: bool
) -> None:
    clock = Clock(sleep=lambda _: None, monotonic=iter(range(10**9)).__next__)
    with (
        Emulator() as server,
        Client(server.api_key, base_url=server.url, retry=0, clock=clock) as client,
        tempfile.TemporaryDirectory() as folder,
        mock.patch(BATCH, 3),
    ):
        world = made(server, client, case)
        journal = Path(folder) / "j"
        result = save(world, case, journal)
        check(world, result)
        server.faults.clear()
        server.bulk.refuse = None
        if again:
            save_again(world)
        else:
            take_up(world, journal)
        client.close()


def save_again(world: World) -> None:
    """Whoever saves the same records again has all of them saved, and none twice."""
    result = Customer.save_all([*world.old, *world.new])

    assert not result.failed
    for record in world.old:
        assert world.stored(record)["name"] == record.name
    for failure in result.unknown:  # nothing tells whether it was made
        assert failure.record.external_id is None
    assert max(world.names().values(), default=0) <= 1


def take_up(world: World, journal: Path) -> None:
    """Whoever takes up the journal instead has each written once."""
    first = resume_bulk(journal)
    second = resume_bulk(journal)

    assert (second.saved, second.created) == ([], [])
    for record in world.old:
        assert world.stored(record)["rev"] <= 2
    for id_ in first.saved:
        assert world.server.world.get("customer", id_)["attributes"]["rev"] == 2
    assert max(world.names().values(), default=0) <= 1
