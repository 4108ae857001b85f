"""Writes with a cache: what is kept afterwards, what is dropped, and who may not overwrite whom."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, errors
from kustomer_orm.emulator import Emulator, Fault
from tests.conftest import FakeTime


@pytest.fixture
def cached(server: Emulator, fake_time: FakeTime) -> Iterator[Client]:
    """A client that keeps what it read, and asks once only; current for the test."""
    settings: dict[str, Any] = {"clock": fake_time.clock(), "retry": 0}
    with Client(server.api_key, base_url=server.url, cache=60, **settings) as made:
        yield made
        made.close()


def kept(client: Client, id_: str) -> dict[str, Any] | None:
    """Look into the cache without asking anybody."""
    return client.cache.find("conversation", id_)


def without_rev(document: Any) -> Any:
    """Take the revision out of an answer, as of a type that has none."""
    data = document["data"]
    for each in data if isinstance(data, list) else [data]:
        each["attributes"].pop("rev", None)
    return document


def test_a_save_is_written_through_as_it_was_accepted(server: Emulator, cached: Client) -> None:
    """Pitfall 81."""
    id_ = server.world.add("conversation", name="Hi", tags=["vip"], custom={"noteTxt": "x"})
    conversation = Conversation.get(id_)
    conversation.name = "Ho"
    conversation.custom["noteTxt"] = None
    conversation.custom["refundNum"] = 5
    conversation.tags.append("refund")
    conversation.save()
    conversation.name = "not saved"
    server.requests.clear()

    again = Conversation.get(id_)
    assert server.requests == []
    assert (again.name, again.rev, again.custom["refundNum"]) == ("Ho", 3, 5)
    assert again.tags == [server.world.tag_id("vip"), server.world.tag_id("refund")]
    assert not again.is_dirty
    fresh = Conversation.get(id_, fresh=True)
    assert again.to_dict() == fresh.to_dict()


def test_a_creation_is_written_through(server: Emulator, cached: Client) -> None:
    jane = server.world.add("customer", name="Jane")
    for chosen in (None, "5f0000000000000000000abc"):
        created = Conversation.create(id=chosen, customer=jane, name="New")
        server.requests.clear()
        assert Conversation.get(str(created.id)).name == "New"
        assert server.requests == []


def test_a_creation_that_was_looked_up_is_kept(server: Emulator, cached: Client) -> None:
    jane = server.world.add("customer", name="Jane")
    server.faults.add(Fault.cut_after(method="POST"))
    created = Conversation.create(customer=jane, name="New", external_id="E-1")
    server.requests.clear()
    assert Conversation.get(str(created.id)).name == "New"
    assert server.requests == []


def test_a_deletion_drops(server: Emulator, cached: Client) -> None:
    """Pitfall 81."""
    id_ = server.world.add("conversation")
    Conversation.get(id_).delete()
    assert (len(cached.cache), cached.cache.stats.drops) == (0, 1)
    with pytest.raises(errors.NotFoundError):
        Conversation.get(id_)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.truncated_json,
        Fault.empty,
        Fault.cut_inside,
        lambda **where: Fault.partial(["name", "rev"], **where),
        lambda **where: Fault.masked(["priority"], **where),
        lambda **where: Fault.masked(["custom.noteTxt"], **where),
        lambda **where: Fault.masked(["name"], **where),
    ],
    ids=["broken", "empty", "cut", "partial", "masked", "masked custom", "masked what was sent"],
)
def test_an_answer_that_does_not_show_all_of_the_record_drops_it(
    server: Emulator, cached: Client, fault: Callable[..., Fault]
) -> None:
    """Pitfall 81."""
    id_ = server.world.add("conversation", name="Hi", priority=1, custom={"noteTxt": "x"})
    conversation = Conversation.get(id_)
    server.world.edit("conversation", id_, priority=5)
    server.faults.add(fault(method="PATCH"))
    conversation.name = "Ho"
    conversation.save()

    assert kept(cached, id_) is None
    assert Conversation.get(id_).priority == 5


def test_what_somebody_has_cleared_meanwhile_is_not_kept(server: Emulator, cached: Client) -> None:
    """An absent key keeps its value in the record; it must not spread from there."""
    id_ = server.world.add("conversation", name="Hi", priority=1, custom={"noteTxt": "x"})
    conversation = Conversation.get(id_)
    server.world.edit("conversation", id_, custom={"noteTxt": None})
    conversation.priority = 2
    conversation.save()
    assert kept(cached, id_) is None
    assert "noteTxt" not in Conversation.get(id_).custom


def test_a_record_known_in_part_is_never_kept(server: Emulator, cached: Client) -> None:
    """Pitfall 50."""
    id_ = server.world.add("conversation", name="Hi")
    Conversation.get(id_)
    Conversation(id=id_, status="done").save()
    assert kept(cached, id_) is None
    assert (Conversation.get(id_).name, Conversation.get(id_).status) == ("Hi", "done")


FAILURES: dict[str, tuple[Callable[[], Fault], type[Exception]]] = {
    "cut after": (Fault.cut_after, errors.OutcomeUnknownError),
    "cut before": (Fault.cut_before, errors.OutcomeUnknownError),
    "503": (lambda: Fault.status(503), errors.OutcomeUnknownError),
    "a page": (lambda: Fault.html(200, acts=True), errors.OutcomeUnknownError),
    "404": (lambda: Fault.status(404), errors.NotFoundError),
    "409": (lambda: Fault.status(409), errors.ConflictError),
    "410": (lambda: Fault.status(410), errors.NotFoundError),
    "redirect": (lambda: Fault.redirect("https://else.test/"), errors.UnexpectedAnswerError),
}


@pytest.mark.parametrize(
    ("verb", "failure"),
    [
        (verb, failure)
        for verb in ("save", "delete")
        for failure in FAILURES
        if (verb, failure) != ("delete", "a page")  # a deletion has no answer to read
    ],
)
def test_a_write_that_failed_and_may_have_been_done_drops(
    server: Emulator, cached: Client, verb: str, failure: str
) -> None:
    """Pitfall 81."""
    id_ = server.world.add("conversation", name="Hi")
    conversation = Conversation.get(id_)
    fault, error = FAILURES[failure]
    server.faults.add(fault())
    conversation.name = "Ho"
    with pytest.raises(error):
        getattr(conversation, verb)()
    assert kept(cached, id_) is None


@pytest.mark.parametrize("status", [400, 401, 403, 413, 422, 429])
def test_a_write_that_was_refused_leaves_what_is_kept(
    server: Emulator, cached: Client, status: int
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    conversation = Conversation.get(id_)
    conversation.name = "Ho"
    server.faults.add(Fault.status(status, method="PATCH"))
    with pytest.raises(errors.APIError):
        conversation.save()
    server.requests.clear()
    assert Conversation.get(id_).name == "Hi"
    assert server.requests == []


def test_a_refusal_after_an_attempt_that_nobody_answered_drops(server: Emulator) -> None:
    client = Client(server.api_key, base_url=server.url, cache=60, retry=1)
    id_ = server.world.add("conversation", name="Hi")
    conversation = Conversation.using(client).get(id_)
    server.faults.add(Fault.cut_after(method="PATCH"), Fault.status(403, method="PATCH"))
    conversation.name = "Ho"
    with pytest.raises(errors.PermissionDeniedError):
        conversation.save()
    assert kept(client, id_) is None


def test_a_save_that_was_broken_off_drops(server: Emulator, cached: Client) -> None:
    id_ = server.world.add("conversation", name="Hi")
    conversation = Conversation.get(id_)
    conversation.name = "Ho"

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    session = cached._transport._sessions.get()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "request", interrupted)
        with pytest.raises(KeyboardInterrupt):
            conversation.save()
    assert kept(cached, id_) is None
    assert conversation.in_doubt


def test_a_save_of_several_requests_keeps_what_went_before_the_refusal(
    server: Emulator, cached: Client
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    conversation = Conversation.get(id_)
    conversation.name = "Ho"
    conversation.tags.append("refund")
    server.faults.add(Fault.status(403, method="POST"))
    with pytest.raises(errors.PermissionDeniedError):
        conversation.save()
    server.requests.clear()
    assert (Conversation.get(id_).name, Conversation.get(id_).tags) == ("Ho", [])
    assert server.requests == []


# -- the race of a read and a write --------------------------------------------------------------


def change(client: Client, id_: str, how: str) -> None:
    """Change a record while a read of it is under way."""
    if how == "dropped":
        client.cache.drop("conversation", id_)
    elif how == "cleared":
        client.cache.clear()
    else:
        record = Conversation.using(client).get(id_, fresh=True)
        record.name = "new"
        record.save() if how == "saved" else record.delete()


@pytest.mark.parametrize("how", ["saved", "deleted", "dropped", "cleared"])
@pytest.mark.parametrize("revisions", ["with rev", "without rev"])
@pytest.mark.parametrize("read", ["get", "get fresh", "get_many", "get_by", "refresh"])
def test_a_read_that_began_before_a_change_does_not_undo_it(
    server: Emulator, cached: Client, how: str, revisions: str, read: str
) -> None:
    """Pitfall 81: the answer to the read is made before the change, and arrives after it."""
    id_ = server.world.add("conversation", name="old", externalId="E-1")
    reads: dict[str, Callable[[], Any]] = {
        "get": lambda: Conversation.get(id_),
        "get fresh": lambda: Conversation.get(id_, fresh=True),
        "get_many": lambda: Conversation.get_many([id_])[0],
        "get_by": lambda: Conversation.get_by(external_id="E-1"),
        "refresh": lambda: slow.refresh() or slow,
    }
    slow = Conversation.get(id_)
    cached.cache.clear()
    if revisions == "without rev":
        server.faults.add(Fault.answer(without_rev, times=None))
    server.faults.add(Fault.after(lambda _: change(cached, id_, how), times=1))

    assert reads[read]().name == "old"

    found = kept(cached, id_)
    if how == "saved":
        assert found is None or found["attributes"]["name"] == "new"
    else:
        assert found is None


def test_a_read_that_began_after_a_write_is_kept(server: Emulator, cached: Client) -> None:
    id_ = server.world.add("conversation", name="old")
    change(cached, id_, "dropped")
    assert kept(cached, id_) is None
    Conversation.get(id_)
    assert kept(cached, id_) is not None


def test_a_newer_answer_is_kept_though_it_was_overtaken(server: Emulator, cached: Client) -> None:
    """Two writes: the one that the server did last is the one that stays."""
    id_ = server.world.add("conversation", name="old")
    first, second = Conversation.get(id_), Conversation.get(id_)
    first.name, second.status = "first", "done"
    # The second write is begun, done and kept before the first reaches the server.
    server.faults.add(Fault.before(lambda _: second.save(), method="PATCH"))
    first.save()

    found = kept(cached, id_)
    assert found is not None
    facts = found["attributes"]
    assert (facts["name"], facts["status"], facts["rev"]) == ("first", "done", 3)


@pytest.mark.parametrize("revisions", ["with rev", "without rev"])
def test_an_older_write_does_not_take_the_place_of_a_newer_one(
    server: Emulator, cached: Client, revisions: str
) -> None:
    id_ = server.world.add("conversation", name="old")
    if revisions == "without rev":
        server.faults.add(Fault.answer(without_rev, times=None))
    first, second = Conversation.get(id_), Conversation.get(id_)
    first.name, second.status = "first", "done"
    # The first write is done, and before its answer arrives the second is done and kept.
    server.faults.add(Fault.after(lambda _: second.save(), method="PATCH"))
    first.save()

    found = kept(cached, id_)
    if revisions == "with rev":
        assert found is not None
        assert (found["attributes"]["status"], found["attributes"]["rev"]) == ("done", 3)
    else:
        assert found is None  # nobody can tell which was the last


def test_a_write_does_not_bring_back_what_a_lost_one_has_dropped(
    server: Emulator, cached: Client
) -> None:
    id_ = server.world.add("conversation", name="old")
    first, second = Conversation.get(id_), Conversation.get(id_)
    first.name, second.status = "first", "done"

    def lose(_: object) -> None:
        server.faults.add(Fault.cut_after(method="PATCH"))
        with pytest.raises(errors.OutcomeUnknownError):
            second.save()

    server.faults.add(Fault.after(lose, method="PATCH"))
    first.save()
    assert kept(cached, id_) is None


def test_an_older_revision_that_was_asked_for_later_is_not_believed(
    server: Emulator, cached: Client
) -> None:
    """A record that was made anew has revision 1; an answer that lags has an old one."""
    id_ = server.world.add("conversation", id="5f0000000000000000000abc", name="old")
    conversation = Conversation.get(id_)
    conversation.name = "newer"
    conversation.save()
    server.world.delete("conversation", id_)
    server.world.add("conversation", id=id_, name="another")

    assert Conversation.get(id_).name == "newer"
    assert Conversation.get(id_, fresh=True).name == "another"
    assert kept(cached, id_) is None
    assert Conversation.get(id_).name == Conversation.get(id_).name == "another"
    assert kept(cached, id_) is not None


def test_readers_and_writers_in_threads_leave_the_last_revision(
    server: Emulator, cached: Client
) -> None:
    server.behaviour.rate_limit = server.behaviour.object_limit = None
    ids = [server.world.add("conversation", priority=1) for _ in range(3)]
    together = threading.Barrier(8)

    def work(number: int) -> None:
        mine = Conversation.using(cached)
        together.wait(10)
        for turn in range(12):
            id_ = ids[(number + turn) % 3]
            record = mine.get(id_, fresh=turn % 3 == 0)
            if number % 2:
                record.priority = 1 + (turn + number) % 5
                record.save(conflict="none")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    for id_ in ids:
        found = kept(cached, id_)
        stored = server.world.get("conversation", id_)
        if found is not None:
            assert found["attributes"]["rev"] == stored["attributes"]["rev"]
            assert found["attributes"]["priority"] == stored["attributes"]["priority"]


def test_another_type_of_the_same_id_is_left_alone(server: Emulator, cached: Client) -> None:
    """Pitfall 82."""
    id_ = "5f0000000000000000000abc"
    server.world.add("customer", id=id_, name="Jane")
    server.world.add("conversation", id=id_, name="Hi")
    assert (Customer.get(id_).name, Conversation.get(id_).name) == ("Jane", "Hi")
    Conversation.get(id_).delete()
    assert Customer.get(id_).name == "Jane"
    assert [each.method for each in server.requests] == ["GET", "GET", "DELETE"]
