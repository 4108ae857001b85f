"""The webhook view: real deliveries of the emulator, and forged ones, through a real Django."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.dispatch import Signal
from django.test import AsyncClient, Client, LiveServerTestCase, RequestFactory, override_settings
from django.urls import reverse

from kustomer_orm import Conversation, Customer, current_client
from kustomer_orm.contrib.django import clients
from kustomer_orm.contrib.django.signals import record_changed, record_created, record_event
from kustomer_orm.contrib.django.testing import KustomerTestCase
from kustomer_orm.contrib.django.webhooks import Seen, webhook_view
from kustomer_orm.emulator import Emulator
from kustomer_orm.webhooks import MAX_SIZE, Event, sign
from tests.unit.webhook_receiver import Post, Receiver

EVENTS = (
    "kustomer.conversation.create",
    "kustomer.conversation.update",
    "kustomer.customer.create",
)
PAGE = "/kustomer/webhooks/"


class Hook:
    """A webhook of an emulator, and its deliveries posted to a Django."""

    def __init__(self, server: Emulator, listening: Receiver, page: str) -> None:
        self.server = server
        self.listening = listening
        self.page = page
        self.hook = server.webhooks.add(listening.url, *EVENTS)
        self.browser = Client(raise_request_exception=False, enforce_csrf_checks=True)

    def last(self) -> Post:
        """What the emulator has sent last."""
        assert self.server.webhooks.wait()
        return self.listening.posts[-1]

    def edit(self, id_: str, **values: Any) -> Post:
        """Have a colleague edit a conversation, and give what Kustomer sends of it."""
        self.server.world.edit("conversation", id_, **values)
        return self.last()

    def post(self, delivery: Post) -> Any:
        return self.post_raw(delivery.body, dict(delivery.headers))

    def post_raw(self, body: bytes, headers: dict[str, str]) -> Any:
        return self.browser.post(self.page, body, content_type="application/json", headers=headers)

    def signed(self, body: bytes, key: str | None = None) -> dict[str, str]:
        return {"X-Kustomer-Webhook-Signature": sign(body, key or self.hook.token)}


@pytest.fixture
def listening() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def hook(server: Emulator, listening: Receiver, accounts: Any, project: None) -> Iterator[Hook]:
    made = Hook(server, listening, PAGE)
    accounts["default"] |= {"WEBHOOK_KEY": ["an-older-one", made.hook.token], "CACHE": "records"}
    with override_settings(KUSTOMER=accounts):
        yield made


@pytest.fixture
def heard() -> Iterator[list[tuple[str, Any, Event]]]:
    """What the signals said: name, sender and event."""
    found: list[tuple[str, Any, Event]] = []
    signals = {"created": record_created, "changed": record_changed, "event": record_event}

    def listener(name: str) -> Callable[..., None]:
        def listen(sender: Any, event: Event, **_: Any) -> None:
            found.append((name, sender, event))

        return listen

    listeners = [(signal, listener(name)) for name, signal in signals.items()]
    for signal, listen in listeners:
        signal.connect(listen)
    yield found
    for signal, listen in listeners:
        signal.disconnect(listen)


def connected(signal: Signal, listen: Callable[..., Any], **options: Any) -> Callable[[], Any]:
    signal.connect(listen, **options)
    return lambda: signal.disconnect(listen, **options)


def test_the_urls_have_names() -> None:
    assert reverse("kustomer:webhooks") == PAGE
    assert reverse("kustomer:webhooks", args=["other"]) == f"{PAGE}other/"


def test_a_change_is_told_with_the_record_and_what_changed(hook: Hook, heard: Any) -> None:
    id_ = hook.server.world.add("conversation", name="Hi")
    answer = hook.post(hook.edit(id_, name="Ho"))

    assert (answer.status_code, answer.content) == (204, b"")
    assert [(name, sender) for name, sender, _ in heard] == [
        ("event", Conversation),
        ("changed", Conversation),
    ]
    event = heard[0][2]
    assert (event.record.name, event.changes["name"].old) == ("Ho", "Hi")
    assert event.record.key == ("acme", "conversation", id_)


def test_a_creation_has_a_signal_of_its_own(hook: Hook, heard: Any) -> None:
    hook.server.world.add("customer", name="Nora")
    assert hook.post(hook.last()).status_code == 204

    assert [(name, sender) for name, sender, _ in heard] == [
        ("event", Customer),
        ("created", Customer),
    ]


def test_a_receiver_hears_of_one_class_and_works_with_the_client(hook: Hook) -> None:
    seen: list[Any] = []

    def listen(sender: Any, event: Event, client: Any, alias: str, **_: Any) -> None:
        seen.append((alias, client is clients["default"], current_client() is client))
        seen.append(Conversation.get(str(event.record.id)).name)

    undo = connected(record_event, listen, sender=Conversation)
    try:
        customer = hook.server.world.add("customer", name="Nora")
        hook.post(hook.last())
        id_ = hook.server.world.add("conversation", name="Hi", customer=customer)
        hook.post(hook.edit(id_, name="Ho"))
    finally:
        undo()

    assert seen == [("default", True, True), "Ho"]


def test_the_cache_follows(hook: Hook) -> None:
    id_ = hook.server.world.add("conversation", name="Hi")
    assert Conversation.get(id_).name == "Hi"

    hook.post(hook.edit(id_, name="Ho"))

    assert Conversation.get(id_).name == "Ho"


def test_a_repeated_and_a_stale_delivery_are_taken_and_told_to_nobody(
    hook: Hook, heard: Any
) -> None:
    id_ = hook.server.world.add("conversation", name="one")
    first, second = hook.edit(id_, name="two"), hook.edit(id_, name="three")
    statuses = [hook.post(each).status_code for each in (second, second, first)]

    assert statuses == [204, 204, 204]
    assert [event.record.name for name, _, event in heard if name == "changed"] == ["three"]


def test_another_process_remembers_it_too(hook: Hook, heard: Any) -> None:
    id_ = hook.server.world.add("conversation", name="one")
    delivery = hook.edit(id_, name="two")
    hook.post(delivery)
    clients.forget()  # as in another process, on the same cache
    hook.post(delivery)

    assert len(heard) == 2


def test_each_alias_has_a_page_and_a_key_of_its_own(
    hook: Hook, other_server: Emulator, listening: Receiver, accounts: Any, heard: Any
) -> None:
    other = Hook(other_server, listening, f"{PAGE}other/")
    accounts["other"]["WEBHOOK_KEY"] = other.hook.token
    with override_settings(KUSTOMER=accounts):
        id_ = other_server.world.add("conversation", name="Hi")
        delivery = other.edit(id_, name="Ho")

        assert hook.post(delivery).status_code == 403
        assert other.post(delivery).status_code == 204
        assert heard[0][2].record.key[0] == clients["other"].org
        missing = hook.browser.post(f"{PAGE}nobody/", b"{}", content_type="application/json")
        assert missing.status_code == 404


@pytest.mark.parametrize("signature", [None, "", "0" * 64, "é", "wrong-key"])
def test_a_forged_delivery_is_refused_and_logged(
    hook: Hook, heard: Any, signature: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    delivery = hook.edit(hook.server.world.add("conversation"), name="Ho")
    if signature == "wrong-key":
        signature = sign(delivery.body, "another-key")
    headers = {} if signature is None else {"X-Kustomer-Webhook-Signature": signature}
    with caplog.at_level(logging.WARNING, "kustomer_orm"):
        answer = hook.post_raw(delivery.body, headers)

    assert answer.status_code == 403
    assert b"not signed" in answer.content
    assert "not signed" in caplog.text
    assert hook.hook.token not in caplog.text + answer.content.decode()
    assert heard == []


def test_a_changed_body_is_refused(hook: Hook, heard: Any) -> None:
    delivery = hook.edit(hook.server.world.add("conversation", name="Hi"), name="Ho")

    assert (
        hook.post_raw(delivery.body.replace(b"Ho", b"No"), dict(delivery.headers)).status_code
        == 403
    )


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"not json", b'{"name": "kustomer.x.y"}'])
def test_a_signed_body_that_is_no_event_is_unreadable(hook: Hook, body: bytes) -> None:
    assert hook.post_raw(body, hook.signed(body)).status_code == 400


def test_only_posts_are_taken_and_no_csrf_token_is_needed(hook: Hook) -> None:
    assert hook.browser.get(PAGE).status_code == 405
    assert getattr(webhook_view, "csrf_exempt", False)


class Unreadable:
    """A body that must not be read."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("the body was read")


def test_a_large_body_is_refused_before_it_is_read(hook: Hook) -> None:
    request = RequestFactory().post(PAGE, b"{}", content_type="application/json")
    request.META["CONTENT_LENGTH"] = str(MAX_SIZE + 1)
    request._stream = Unreadable()

    assert webhook_view(request).status_code == 413


def test_a_large_body_of_untold_length_is_read_up_to_the_limit(hook: Hook) -> None:
    body = b"x" * (MAX_SIZE * 2)
    answer = hook.post_raw(body, hook.signed(body))
    assert answer.status_code == 413

    request = RequestFactory().post(PAGE, body, content_type="application/json")
    del request.META["CONTENT_LENGTH"]
    assert webhook_view(request).status_code == 413
    assert len(request._stream.read()) == MAX_SIZE - 1


@pytest.mark.parametrize("length", ["\xb2", "9" * 5000, "-1", "x"])
def test_a_length_that_is_none_is_no_error_of_ours(hook: Hook, length: str) -> None:
    request = RequestFactory().post(PAGE, b"{}", content_type="application/json")
    request.META["CONTENT_LENGTH"] = length

    assert webhook_view(request).status_code == 403


def test_the_projects_own_limit_counts_where_it_is_lower(hook: Hook) -> None:
    body = b"x" * 200
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
        assert hook.post_raw(body, hook.signed(body)).status_code == 413
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=None):
        assert hook.post_raw(body, hook.signed(body)).status_code == 400


def test_a_receiver_that_raises_has_the_delivery_come_again(
    hook: Hook, heard: Any, caplog: pytest.LogCaptureFixture
) -> None:
    fails = [True]

    def listen(**_: Any) -> None:
        if fails:
            raise RuntimeError("a receiver of the project fails")

    undo = connected(record_changed, listen)
    try:
        delivery = hook.edit(hook.server.world.add("conversation", name="Hi"), name="Ho")
        answer = hook.post(delivery)
        assert (answer.status_code, answer.content) == (500, b"1 of 3 receivers failed")
        assert "a receiver of the project fails" in caplog.text
        assert len(heard) == 2  # the others were told all the same

        fails.clear()
        assert hook.post(delivery).status_code == 204
        assert hook.post(delivery).status_code == 204
    finally:
        undo()
    assert len(heard) == 4


def test_a_retry_that_overtakes_a_failing_attempt_is_to_come_again(hook: Hook) -> None:
    delivery = hook.edit(hook.server.world.add("conversation", name="Hi"), name="Ho")
    statuses: list[int] = []

    def listen(**_: Any) -> None:
        if not statuses:
            statuses.append(0)
            statuses[0] = hook.post(delivery).status_code
            raise RuntimeError("a receiver of the project fails")
        statuses.append(204)

    undo = connected(record_changed, listen)
    try:
        assert [hook.post(delivery).status_code for _ in range(3)] == [500, 204, 204]
    finally:
        undo()
    assert statuses == [503, 204]


def test_an_async_receiver_is_called_too(hook: Hook) -> None:
    seen: list[Any] = []

    async def listen(event: Event, **_: Any) -> None:
        seen.append(event.verb)

    undo = connected(record_changed, listen)
    try:
        delivery = hook.edit(hook.server.world.add("conversation", name="Hi"), name="Ho")
        assert hook.post(delivery).status_code == 204
    finally:
        undo()
    assert seen == ["update"]


async def _post_async(delivery: Any) -> int:
    headers = dict(delivery.headers)
    answer = await AsyncClient().post(
        PAGE, delivery.body, content_type="application/json", headers=headers
    )
    return int(answer.status_code)


def test_it_works_under_asgi(hook: Hook, heard: Any) -> None:
    delivery = hook.edit(hook.server.world.add("conversation", name="Hi"), name="Ho")

    assert asyncio.run(_post_async(delivery)) == 204
    assert len(heard) == 2


def test_without_a_key_nothing_is_taken(accounts: Any, hook: Hook) -> None:
    delivery = hook.edit(hook.server.world.add("conversation", name="Hi"), name="Ho")
    del accounts["default"]["WEBHOOK_KEY"]
    with override_settings(KUSTOMER=accounts):
        assert hook.post(delivery).status_code == 500


def test_a_key_of_the_environment_is_enough(
    accounts: Any, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = hook.edit(hook.server.world.add("conversation", name="Hi"), name="Ho")
    del accounts["default"]["WEBHOOK_KEY"]
    monkeypatch.setenv("KUSTOMER_WEBHOOK_KEY", hook.hook.token)
    with override_settings(KUSTOMER=accounts):
        assert hook.post(delivery).status_code == 204


def test_a_changed_key_counts_at_once(accounts: Any, hook: Hook) -> None:
    delivery = hook.edit(hook.server.world.add("conversation", name="Hi"), name="Ho")
    assert hook.post(delivery).status_code == 204
    accounts["default"]["WEBHOOK_KEY"] = "another"
    with override_settings(KUSTOMER={**accounts}):
        assert hook.post(delivery).status_code == 403


def test_what_was_seen_is_kept_in_the_cache_of_the_client() -> None:
    seen = Seen("records")
    seen["kustomer-webhook-1"] = "mark"

    assert seen["kustomer-webhook-1"] == "mark"
    assert caches["records"].get("kustomer-webhook-1") == "mark"
    assert (list(seen), len(seen)) == ([], 0)
    del seen["kustomer-webhook-1"]
    with pytest.raises(KeyError):
        seen["kustomer-webhook-1"]
    with pytest.raises(KeyError):
        del seen["kustomer-webhook-1"]


class TestLiveWebhooks(KustomerTestCase, LiveServerTestCase):
    available_apps = ("tests.contrib.django.desk",)

    def test_the_emulator_tells_a_live_django(self) -> None:
        hook = self.kustomer.webhooks.add(
            f"{self.live_server_url}{PAGE}", "kustomer.conversation.update"
        )
        seen: list[Any] = []

        def listen(event: Any, **_: Any) -> None:
            seen.append(event.record.name)

        undo = connected(record_changed, listen)
        self.addCleanup(undo)
        id_ = self.kustomer.world.add("conversation", name="Hi")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KUSTOMER_WEBHOOK_KEY", hook.token)
            self.kustomer.world.edit("conversation", id_, name="Ho")
            assert self.kustomer.webhooks.wait()

        assert [each.status for each in self.kustomer.webhooks.deliveries] == [204]
        assert seen == ["Ho"]
