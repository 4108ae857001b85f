"""`webhook_view`: takes Kustomer's deliveries, and hands them on as Django's signals."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, MutableMapping
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.http import Http404, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kustomer_orm.client import Client
from kustomer_orm.contrib.django.clients import clients
from kustomer_orm.contrib.django.options import DEFAULT, options_of
from kustomer_orm.contrib.django.signals import record_changed, record_created, record_event
from kustomer_orm.errors import WebhookError
from kustomer_orm.webhooks import MAX_SIZE, Event, Receiver

# A delivery is repeated for about an hour (documented); a record's revision counts for longer.
_REMEMBERED = 7 * 24 * 3600.0

_BY_VERB = {"create": record_created, "update": record_changed}

_log = logging.getLogger("kustomer_orm")


class _NotHandledError(Exception):
    """A receiver of the project raised: the delivery must come again."""


@csrf_exempt
@require_POST
def webhook_view(request: Any, alias: str = DEFAULT) -> Any:
    """Take a delivery for the client of an alias, verified by its option WEBHOOK_KEY.

    That of "default" may stand in the environment, as KUSTOMER_WEBHOOK_KEY.

    Answers 204 for what was taken, stale and repeated deliveries too, 400, 403 or 413 for what is
    refused, and 500 where a receiver of a signal raised. Django logs what it raised. Kustomer then
    delivers again (documented), and all receivers are called anew, those that had succeeded too:
    write them so that this does no harm. A second attempt that comes while this process handles the
    first is answered by 503, so that it comes again too.

    What was taken is remembered in the Django cache that the option CACHE names, else in "default":
    give one that processes share. The cache failing is a 500 too.

    Raises:
        Http404: the setting KUSTOMER has no such alias.
        ConfigurationError: the alias has no WEBHOOK_KEY.
    """
    if alias not in clients:
        raise Http404("No such alias.")
    client = clients[alias]
    receiver = _receivers.find(alias, client)
    try:
        with (
            client.as_current(),
            client.identity_scope(),
            receiver.receiving(_body(request), request.headers) as event,
        ):
            if event is not None:
                _tell(event, client, alias)
    except WebhookError as error:
        _log.warning("webhook: %s", error)
        return HttpResponse(str(error).encode(), status=error.status, content_type="text/plain")
    except _NotHandledError as error:
        return HttpResponse(str(error).encode(), status=500, content_type="text/plain")
    return HttpResponse(status=204)


def _body(request: Any) -> bytes:
    """Read the body, and no more of it than is allowed.

    Raises:
        WebhookError: it is too large; by its length, where that is told, before it is read.
    """
    limits = (MAX_SIZE, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    limit = min(each for each in limits if each is not None)
    try:
        told = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        told = 0
    body: bytes = b""
    too_large = told > limit
    if not too_large:
        body = request.read(limit + 1)
    if too_large or len(body) > limit:
        raise WebhookError(f"the delivery is larger than {limit} bytes", status=413)
    return body


def _tell(event: Event, client: Client, alias: str) -> None:
    """Send the signals; every receiver is called, whatever the others raise.

    Raises:
        _NotHandledError: one of them raised.
    """
    facts: dict[str, Any] = {"event": event, "client": client, "alias": alias}
    signals = [record_event, *(_BY_VERB[verb] for verb in [event.verb] if verb in _BY_VERB)]
    answers = [
        answer
        for signal in signals
        for _, answer in signal.send_robust(sender=type(event.record), **facts)
    ]
    failed = [answer for answer in answers if isinstance(answer, Exception)]
    if failed:
        raise _NotHandledError(f"{len(failed)} of {len(answers)} receivers failed")


# -- what has come already ---------------------------------------------------------------------


class Seen(MutableMapping[str, str]):
    """What was seen of each record, in a Django cache. It cannot be listed."""

    def __init__(self, alias: str) -> None:
        self._alias = alias

    def __getitem__(self, key: str) -> str:
        found = caches[self._alias].get(key)
        if not isinstance(found, str):
            raise KeyError(key)
        return found

    def __setitem__(self, key: str, mark: str) -> None:
        caches[self._alias].set(key, mark, timeout=_REMEMBERED)

    def __delitem__(self, key: str) -> None:
        if not caches[self._alias].delete(key):
            raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Receivers:
    """The receiver of each alias, for as long as its client is the same."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Client, Receiver]] = {}

    def find(self, alias: str, client: Client) -> Receiver:
        """Give the receiver; two threads that ask at once may get two, which share what is seen."""
        made_for, receiver = self._made.get(alias, (None, None))
        if receiver is None or made_for is not client:
            receiver = _receiver(alias, client)
            self._made[alias] = (client, receiver)
        return receiver


def _receiver(alias: str, client: Client) -> Receiver:
    cache = options_of(alias).get("CACHE")
    seen = Seen(cache if isinstance(cache, str) else "default")
    return Receiver(client, _keys(alias), max_size=MAX_SIZE, seen=seen)


def _keys(alias: str) -> Any:
    of_environment = os.environ.get("KUSTOMER_WEBHOOK_KEY") if alias == DEFAULT else None
    return options_of(alias).get("WEBHOOK_KEY") or of_environment or ()


_receivers = _Receivers()
