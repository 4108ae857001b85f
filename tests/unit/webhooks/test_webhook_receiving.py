"""Deliveries over real sockets: repeated, unordered, replayed, failing, and in forty threads."""

from __future__ import annotations

import json
import threading
from collections import UserDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, errors
from kustomer_orm.cache import bounded
from kustomer_orm.emulator import Emulator
from kustomer_orm.webhooks import Event, Receiver, sign
from tests.unit.webhook_receiver import Post
from tests.unit.webhook_receiver import Receiver as Listener
from tests.unit.webhooks.conftest import Inbox


class App:
    """An app that answers deliveries as a view does, and remembers what it handled."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.handled: list[Event] = []
        self.fails = 0

    def answer(self, post: Post) -> int:
        """The status of the answer."""
        try:
            with self.receiver.receiving(post.body, post.headers) as event:
                if event is not None:
                    self.handle(event)
        except errors.WebhookError as error:
            return error.status
        except RuntimeError:
            return 500
        return 204

    def handle(self, event: Event) -> None:
        """Fail as often as was said, then handle."""
        if self.fails:
            self.fails -= 1
            raise RuntimeError("the app is broken")
        self.handled.append(event)


@pytest.fixture
def app(client: Client, inbox: Inbox) -> App:
    made = App(Receiver(client, inbox.token))
    inbox.listening.act = made.answer
    return made


def statuses(server: Emulator) -> list[int | None]:
    return [each.status for each in server.webhooks.deliveries]


def test_a_delivery_is_handled_as_an_event(server: Emulator, app: App, inbox: Inbox) -> None:
    ident = server.world.add("conversation", name="Hi")

    inbox.edit(ident, name="Ho")

    (event,) = app.handled
    assert (event.record.id, event.rev, event.changes["name"].new) == (ident, 2, "Ho")
    assert statuses(server) == [204]


def test_a_repeated_delivery_is_answered_and_not_handled(
    server: Emulator, app: App, inbox: Inbox
) -> None:
    server.behaviour.webhook_copies = 3

    inbox.edit(server.world.add("conversation"), name="Ho")

    assert statuses(server) == [204, 204, 204]
    assert len(app.handled) == 1


def test_of_deliveries_out_of_order_only_newer_states_are_handled(
    server: Emulator, app: App, inbox: Inbox
) -> None:
    server.behaviour.webhook_order = "reversed"
    ident = server.world.add("conversation", name="Hi")

    with server.webhooks.held():
        for number in range(5):
            server.world.edit("conversation", ident, name=f"{number}")

    inbox.all()
    assert [each.rev for each in app.handled] == [6]
    assert statuses(server) == [204] * 5


def test_every_state_is_handled_where_they_come_in_order(
    server: Emulator, app: App, inbox: Inbox
) -> None:
    ident = server.world.add("conversation", name="Hi")

    for number in range(5):
        server.world.edit("conversation", ident, name=f"{number}")

    inbox.all()
    assert [each.rev for each in app.handled] == [2, 3, 4, 5, 6]


def test_a_replayed_delivery_is_not_handled_again(server: Emulator, app: App, inbox: Inbox) -> None:
    ident = server.world.add("conversation", name="Hi")
    caught = inbox.edit(ident, name="refund granted")
    inbox.edit(ident, name="refund refused")

    assert app.answer(caught) == 204

    assert [each.rev for each in app.handled] == [2, 3]


@pytest.mark.parametrize("status", [403, 413, 400])
def test_what_is_refused_is_answered_with_its_status(
    server: Emulator, app: App, inbox: Inbox, client: Client, status: int
) -> None:
    good = inbox.edit(server.world.add("conversation"), name="Ho")
    app.receiver = Receiver(client, inbox.token, max_size=len(good.body))
    posts = {
        403: Post(good.body[:-1], good.headers),
        413: inbox.sign(good.body + b" "),
        400: inbox.sign(b"{}"),
    }

    assert app.answer(posts[status]) == status
    assert len(app.handled) == 1
    assert app.answer(good) == 204  # what was refused has left no mark
    assert len(app.handled) == 2


def test_a_key_is_changed_without_losing_a_delivery(
    server: Emulator, app: App, inbox: Inbox, client: Client
) -> None:
    ident = server.world.add("conversation")
    old = inbox.token
    new = server.webhooks.add(inbox.listening.url, "kustomer.conversation.update")
    app.receiver = Receiver(client, [new.token, old])

    inbox.edit(ident, name="both hooks tell")
    server.webhooks.remove(inbox.hook.id)
    inbox.edit(ident, name="the new one tells")

    assert set(statuses(server)) == {204}
    assert [each.rev for each in app.handled] == [2, 3]


def test_what_the_app_could_not_handle_comes_again(
    server: Emulator, app: App, inbox: Inbox
) -> None:
    app.fails = 2
    server.webhooks.delays = (0.0, 0.0)

    inbox.edit(server.world.add("conversation"), name="Ho")

    assert statuses(server) == [500, 500, 204]
    assert len(app.handled) == 1


def test_an_event_that_failed_is_stale_once_a_newer_one_was_handled(
    server: Emulator, app: App, inbox: Inbox
) -> None:
    ident = server.world.add("conversation")
    app.fails = 1
    server.world.edit("conversation", ident, name="first")
    assert server.webhooks.wait(1)
    server.world.edit("conversation", ident, name="second")
    assert server.webhooks.wait(2)
    server.webhooks.retry_now()
    inbox.all()

    assert statuses(server) == [500, 204, 204]
    assert [each.rev for each in app.handled] == [3]


def test_receive_remembers_at_once(server: Emulator, client: Client, inbox: Inbox) -> None:
    post = inbox.edit(server.world.add("conversation"), name="Ho")
    receiver = Receiver(client, inbox.token)

    first, second = (receiver.receive(post.body, post.headers) for _ in range(2))

    assert first is not None
    assert second is None


# -- who remembers -------------------------------------------------------------------------------


def test_processes_that_share_a_mapping_share_what_they_have_seen(
    server: Emulator, client: Client, inbox: Inbox
) -> None:
    shared: dict[str, str] = {}
    one, other = (Receiver(client, inbox.token, seen=shared) for _ in range(2))
    post = inbox.edit(server.world.add("conversation", name="Hi"), name="Ho")

    assert one.receive(post.body, post.headers) is not None
    assert other.receive(post.body, post.headers) is None
    ((key, value),) = shared.items()
    assert isinstance(value, str)
    assert key.isascii()
    assert len(key) < 100
    assert not any(word in key + value for word in ("Ho", inbox.token))


@pytest.mark.parametrize("kept", ["", "x", "[]", "[1, 2]", "[true, 1, 2]", 5, None, b"\xff", [1]])
def test_what_is_nothing_of_ours_in_the_mapping_counts_as_nothing(
    server: Emulator, client: Client, inbox: Inbox, kept: Any
) -> None:
    seen: dict[str, Any] = {}
    receiver = Receiver(client, inbox.token, seen=seen)
    post = inbox.edit(server.world.add("conversation"), name="Ho")
    assert receiver.receive(post.body, post.headers) is not None
    seen[next(iter(seen))] = kept

    assert receiver.receive(post.body, post.headers) is not None
    assert receiver.receive(post.body, post.headers) is None


def test_a_mapping_that_fails_has_the_delivery_come_again(
    server: Emulator, client: Client, inbox: Inbox
) -> None:
    class Broken(UserDict[str, str]):
        def __setitem__(self, key: str, value: str) -> None:
            raise ConnectionError("no Redis")

    receiver = Receiver(client, inbox.token, seen=Broken())
    post = inbox.edit(server.world.add("conversation"), name="Ho")

    for _ in range(2):
        with pytest.raises(ConnectionError):
            receiver.receive(post.body, post.headers)
    assert receiver._memory._under_way == {}


def test_the_memory_is_bounded() -> None:
    seen = bounded(3)
    client = Client("a-key", org="acme")
    receiver = Receiver(client, "key", seen=seen)

    for number in range(10):
        receiver.receive(*made(f"5f{number}", 1))

    assert len(seen) == 3


def made(
    ident: str, rev: int | None, at: str = "", event: str = ""
) -> tuple[bytes, dict[str, str]]:
    attributes = {"updatedAt": at} if rev is None else {"rev": rev}
    data = {"type": "conversation", "id": ident, "attributes": attributes}
    document = {"id": event, "name": "kustomer.conversation.update", "data": data}
    body = json.dumps(document).encode()
    return body, {"X-Kustomer-Webhook-Signature": sign(body, "key")}


def takes(
    receiver: Receiver, rev: int | None = None, at: str = "", event: str = "", ident: str = "5f1"
) -> bool:
    return receiver.receive(*made(ident, rev, at, event)) is not None


@pytest.mark.parametrize("at", ["", "2026-01-01T12:00:00.000Z", "no time"])
def test_a_replay_is_discarded_where_several_events_have_one_time_and_no_revision(at: str) -> None:
    receiver = Receiver(Client("a-key", org="acme"), "key")

    taken = [takes(receiver, at=at, event=event) for event in ("a", "b", "a", "b", "c", "a")]

    assert taken == [True, True, False, False, True, False]


@pytest.mark.parametrize("at", ["", "2026-01-01T12:00:00.000Z"])
def test_an_event_without_a_revision_does_not_let_old_revisions_pass(at: str) -> None:
    receiver = Receiver(Client("a-key", org="acme"), "key")

    assert takes(receiver, 5)
    assert takes(receiver, at=at, event="b")
    assert [takes(receiver, rev) for rev in (2, 5)] == [False, False]
    assert not takes(receiver, at=at, event="b")
    assert takes(receiver, 6)


def test_an_event_without_a_time_does_not_let_old_times_pass() -> None:
    receiver = Receiver(Client("a-key", org="acme"), "key")

    assert takes(receiver, at="2026-01-01T12:00:00+02:00", event="a")
    assert takes(receiver, event="b")
    assert not takes(receiver, at="2026-01-01T09:59:59Z", event="c")
    assert takes(receiver, at="2026-01-01T10:00:01Z", event="d")


def test_what_is_remembered_of_a_record_is_bounded() -> None:
    seen: dict[str, str] = {}
    receiver = Receiver(Client("a-key", org="acme"), "key", seen=seen)
    digits = "0" * 100_000

    for number in range(100):
        assert takes(receiver, at=f"2026-01-01T12:00:00.{digits}Z", event=f"{number}{digits}")

    assert not takes(receiver, at=f"2026-01-01T12:00:00.{digits}Z", event=f"99{digits}")
    (kept,) = seen.values()
    assert len(kept) < 1000


def test_records_without_a_revision_go_by_the_time_and_the_event() -> None:
    receiver = Receiver(Client("a-key", org="acme"), "key")

    def taken(at: str, event: str) -> bool:
        return takes(receiver, at=at, event=event)

    noon, later = "2026-01-01T12:00:00.000Z", "2026-01-01T12:00:00.001Z"
    assert taken(noon, "a") is True
    assert taken(noon, "a") is False
    assert taken(noon, "b") is True  # two writes in one millisecond
    assert taken(later, "c") is True
    assert taken(noon, "d") is False
    assert taken("", "e") is True
    assert taken("", "e") is False


# -- threads -------------------------------------------------------------------------------------


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(40) as threads:
        yield threads


def test_forty_threads_handle_each_state_once_and_end_at_the_newest(
    pool: ThreadPoolExecutor,
) -> None:
    seen: dict[str, str] = {}
    receiver = Receiver(Client("a-key", org="acme", cache=60), "key", seen=seen)
    deliveries = [made(f"5f{number % 10}", rev) for rev in range(1, 41) for number in range(10)]
    together = threading.Barrier(40)
    handled: list[tuple[Any, Any]] = []
    refused: list[int] = []

    def work(offset: int) -> None:
        together.wait()
        for place in range(len(deliveries)):
            body, headers = deliveries[(place * 7 + offset * 11) % len(deliveries)]
            try:
                with receiver.receiving(body, headers) as event:
                    if event is not None:
                        handled.append((event.record.id, event.rev))
            except errors.WebhookError as error:
                refused.append(error.status)

    list(pool.map(work, range(40)))

    assert set(refused) <= {503}
    assert len(set(handled)) == len(handled)
    assert dict(sorted(handled)) == {f"5f{n}": 40 for n in range(10)}
    assert {json.loads(value)[0] for value in seen.values()} == {40}
    assert receiver._memory._under_way == {}


@pytest.mark.parametrize("rev", [1, 2])
def test_what_comes_while_the_same_or_a_newer_event_is_handled_is_to_come_again(
    pool: ThreadPoolExecutor, rev: int
) -> None:
    receiver = Receiver(Client("a-key", org="acme"), "key")

    with receiver.receiving(*made("5f1", 2)) as event:
        assert event is not None
        with pytest.raises(errors.WebhookError, match="come again") as caught:
            pool.submit(receiver.receive, *made("5f1", rev)).result()
        assert pool.submit(receiver.receive, *made("5f2", rev)).result() is not None

    assert caught.value.status == 503
    assert receiver.receive(*made("5f1", rev)) is None


def failing(receiver: Receiver, delivery: Any, meanwhile: Any) -> None:
    """Fail to handle a delivery, after another one has come."""
    with receiver.receiving(*delivery):
        with pytest.raises(errors.WebhookError):
            receiver.receive(*meanwhile)
        raise RuntimeError("the app is broken")


@pytest.mark.parametrize("rev", [1, None])
def test_a_retry_that_overtakes_a_failing_attempt_does_not_lose_the_event(rev: int | None) -> None:
    receiver = Receiver(Client("a-key", org="acme"), "key")
    delivery = made("5f1", rev, event="a")

    with pytest.raises(RuntimeError):
        failing(receiver, delivery, delivery)

    assert receiver.receive(*delivery) is not None
    assert receiver._memory._under_way == {}


def test_an_older_event_that_waited_is_handled_where_the_newer_one_failed() -> None:
    receiver = Receiver(Client("a-key", org="acme"), "key")

    with pytest.raises(RuntimeError):
        failing(receiver, made("5f1", 2), made("5f1", 1))

    assert [takes(receiver, rev) for rev in (1, 2)] == [True, True]


def test_of_what_is_known_already_nothing_has_to_come_again(pool: ThreadPoolExecutor) -> None:
    receiver = Receiver(Client("a-key", org="acme"), "key")
    assert takes(receiver, 1)

    with receiver.receiving(*made("5f1", 2)):
        assert pool.submit(receiver.receive, *made("5f1", 1)).result() is None


def test_a_newer_event_that_comes_meanwhile_is_handled_and_stays_the_newest(
    pool: ThreadPoolExecutor,
) -> None:
    seen: dict[str, str] = {}
    receiver = Receiver(Client("a-key", org="acme"), "key", seen=seen)

    with receiver.receiving(*made("5f1", 1)) as event:
        assert event is not None
        assert pool.submit(receiver.receive, *made("5f1", 2)).result() is not None

    assert [json.loads(value)[0] for value in seen.values()] == [2]


def test_a_record_held_in_another_thread_does_not_move(
    server: Emulator, client: Client, inbox: Inbox, pool: ThreadPoolExecutor
) -> None:
    ident = server.world.add("conversation", name="Hi")
    receiver = Receiver(client, inbox.token)
    with client.identity_scope():
        held = Conversation.get(ident)
        post = inbox.edit(ident, name="Ho")

        assert pool.submit(receiver.receive, post.body, post.headers).result() is not None
        assert held.name == "Hi"


def test_an_overlap_in_the_scope_is_logged_by_name(
    server: Emulator, client: Client, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    ident = server.world.add("conversation", name="Hi")
    with client.identity_scope():
        held = Conversation.get(ident)
        held.name = "my secret"
        post = inbox.edit(ident, name="their secret")
        Receiver(client, inbox.token).receive(post.body, post.headers)

    assert held.name == "my secret"
    assert "overlaps=name" in caplog.text
    assert "secret" not in caplog.text


def test_the_listener_gets_what_the_emulator_logs(listening: Listener, inbox: Inbox) -> None:
    post = inbox.edit(inbox.server.world.add("conversation"), name="Ho")

    assert post.body == inbox.server.webhooks.deliveries[-1].body
