"""Webhooks of the organisation: who is told of what, and the API by which that is set up.

Documented: the paths, the body of POST, at most five hooks, a `token` that can be read again and
is the key of the signatures. What the resource is called and the answers to mistakes are invented.
"""

import hashlib
import hmac
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn
from urllib.parse import urlsplit

from kustomer_orm.emulator.answers import Answer, Page, bad_request, list_document, not_found
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.couriers import Courier, Delivery, Hook, Parcel
from kustomer_orm.emulator.edits import body_of
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.news import EVENTS, Event
from kustomer_orm.emulator.world import World

PATH = "outbound-webhooks"
MOST = 5
LONGEST_NAME = 255


class Webhooks(Courier):
    """The organisation's webhooks: `server.webhooks`.

    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server:
    ...     hook = server.webhooks.add("http://127.0.0.1:9/kustomer", "kustomer.customer.create")
    ...     ident = server.world.add("customer", name="Ada")
    ...     server.webhooks.wait(1)
    ...     [(each.event, each.attempt, each.status) for each in server.webhooks.deliveries]
    True
    [('kustomer.customer.create', 1, None)]

    Deliveries are sent by a thread of the emulator's, one after the other. A test of failures
    sets `delays` or calls `retry_now()`, so that nothing waits.

    Attributes:
        hooks: Those that are set up.
        deliveries: Every attempt in the order in which it ended.
        delays: Seconds before the second attempt, the third and so on; ten attempts in 80 minutes.
        timeout: Seconds that a receiver has for its answer.
        anywhere: Whether hooks may lead beyond loopback. Off: an emulator is for tests.
    """

    def __init__(self, *, world: World, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self._world = world
        self.hooks: list[Hook] = []
        self.anywhere = False

    def add(
        self, url: str, *events: str, name: str = "hook", headers: Mapping[str, str] | None = None
    ) -> Hook:
        """Set up a webhook, without a request; it has its `token`.

        `events` are names such as `kustomer.conversation.update`; all if none is given.
        """
        unknown = sorted(set(events) - EVENTS)
        if unknown:
            raise ValueError(
                f"no event is called {', '.join(unknown)}: {', '.join(sorted(EVENTS))}"
            )
        if not self._leads_here(url):
            raise ValueError("the emulator sends to loopback only, unless webhooks.anywhere is set")
        with self._world.lock:
            return self._keep(name, url, events or tuple(sorted(EVENTS)), headers or {})

    def remove(self, ident: str) -> None:
        """Take a webhook away, with what was still to be sent to it."""
        with self._world.lock:
            hook = self._found(ident)
            self.hooks.remove(hook)
            self.forget(hook)

    def _keep(
        self, name: str, url: str, events: tuple[str, ...], headers: Mapping[str, str]
    ) -> Hook:
        ident = self._world.new_id()
        token = hashlib.sha256(f"token of {ident}".encode()).hexdigest()
        hook = Hook(ident, name, url, events, dict(headers), token, self._world.now())
        if not self.hooks:
            self._world.tell_of_writes(self._tell)
        self.hooks.append(hook)
        return hook

    def _tell(self, event: Event) -> None:
        """Queue an event for every hook that asked for it."""
        body = json.dumps(event.body, ensure_ascii=False, separators=(",", ":")).encode()
        for hook in self.hooks:
            if event.name not in hook.events or not hook.is_on:
                continue
            headers = {
                **hook.headers,
                "Content-Type": "application/json",
                "X-Kustomer-Webhook-Event": event.name,
                "X-Kustomer-Webhook-Signature": signature(body, hook.token),
            }
            delivery = Delivery(hook.id, event.name, event.id, body, headers)
            for _ in range(self._behaviour.webhook_copies):
                self.put(Parcel(hook, replace(delivery)))

    def _found(self, ident: str) -> Hook:
        hook = next((each for each in self.hooks if each.id == ident), None)
        if hook is None:
            raise not_found("id")
        return hook

    def _leads_here(self, url: str) -> bool:
        """Whether an address is one that the emulator sends to; no name is looked up."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
            if parts.scheme not in {"http", "https"} or not host:
                return False
            return self.anywhere or host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    # -- the API --------------------------------------------------------------------------------

    def answer(self, exchange: Exchange, segments: list[str]) -> Answer | None:
        """The answer, None where the path leads somewhere else; the caller holds the lock."""
        match exchange.method, segments:
            case "POST", ["outbound-webhooks"]:
                return self._create(exchange)
            case "GET", ["outbound-webhooks"]:
                shown = [self._shown(hook) for hook in self.hooks]
                page = Page(exchange.path, 1, 100, len(shown))
                return Answer(200, list_document(page, shown))
            case "GET", ["outbound-webhooks", ident]:
                return Answer(200, {"data": self._shown(self._found(ident))})
            case "DELETE", ["outbound-webhooks", ident]:
                self.remove(ident)
                return Answer(204)
        return None

    def _create(self, exchange: Exchange) -> Answer:
        body = body_of(exchange, {"application/json"})
        for key in body:
            if key not in {"name", "url", "events", "headers"}:
                raise bad_request("Additional properties not allowed", key)
        for key in ("name", "url", "events"):
            if key not in body:
                raise bad_request("Missing required property", key)
        headers = _headers(body.get("headers", []))
        _check(body)
        if not self._leads_here(body["url"]):
            raise bad_request("The emulator sends to loopback only", "url")
        if len(self.hooks) >= MOST:
            raise bad_request(f"There are {MOST} webhooks, which is the maximum")
        hook = self._keep(body["name"], body["url"], tuple(body["events"]), headers)
        return Answer(201, {"data": self._shown(hook)})

    def _shown(self, hook: Hook) -> dict[str, Any]:
        attributes = {
            "name": hook.name,
            "url": hook.url,
            "events": list(hook.events),
            "headers": [{"name": name, "value": value} for name, value in hook.headers.items()],
            "token": hook.token,
            "enabled": hook.is_on,
            "createdAt": hook.created_at,
        }
        links = {"self": f"/v1/{PATH}/{hook.id}"}
        return {"type": "outbound_webhook", "id": hook.id, "attributes": attributes, "links": links}


def signature(body: bytes, token: str) -> str:
    """The signature of a body: lower-case hex HMAC-SHA256, as documented."""
    return hmac.digest(token.encode(), body, hashlib.sha256).hex()


def _check(body: Mapping[str, Any]) -> None:
    """Refuse what a hook cannot be made of."""
    name, url, events = body["name"], body["url"], body["events"]
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        _refuse("name", "a text")
    if not isinstance(url, str):
        _refuse("url", "an address")
    known = isinstance(events, list) and all(isinstance(each, str) for each in events)
    if not known or not events or not EVENTS.issuperset(events):
        _refuse("events", f"some of {', '.join(sorted(EVENTS))}")


def _headers(given: Any) -> dict[str, str]:
    """The headers of a body: a list of names and values."""
    good = isinstance(given, list) and all(
        isinstance(each, dict)
        and each.keys() == {"name", "value"}
        and all(isinstance(text, str) and text.isprintable() for text in each.values())
        for each in given
    )
    if not good:
        _refuse("headers", "a list of names and values")
    return {each["name"]: each["value"] for each in given}


def _refuse(name: str, expected: str) -> NoReturn:
    raise bad_request(f"Invalid type, expected {expected}", name)
