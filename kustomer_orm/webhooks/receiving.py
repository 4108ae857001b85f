"""`Receiver`: what a view calls with the body and the headers of a delivery."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import NoReturn

from kustomer_orm.cache import bounded
from kustomer_orm.client import Client
from kustomer_orm.records.following import Place
from kustomer_orm.webhooks.applying import apply, drop_older
from kustomer_orm.webhooks.events import Event, parse
from kustomer_orm.webhooks.remembering import Memory
from kustomer_orm.webhooks.signing import MAX_SIZE, SIGNATURE_HEADER, Keys

# Records of which something is remembered, where no mapping is given: some 5 MB, or 12 MB where
# each has had many events without a revision.
MOST_REMEMBERED = 10_000

_log = logging.getLogger("kustomer_orm")


class Receiver:
    """Verifies, reads and applies deliveries for one client. Thread-safe.

    `receive` gives the event, or None for a delivery that is stale or repeated: to be answered
    with a 2xx as well, so that it does not come again.

    Args:
        client: whose records they are.
        key: the token of the webhook; several while it is changed, or for several webhooks.
        max_size: bytes of a body above which it is refused.
        seen: a mutable mapping of texts to texts, in which the last revision of each record is
            remembered, or its last events; a bounded one of this process if not given. Give one
            that processes share, such as one over Redis, where there are several. Unless it is
            safe for threads itself, give it to one receiver only. What it raises is raised, so
            that the delivery fails and comes again.

    Raises:
        ConfigurationError: there is no key.

    >>> from kustomer_orm import Client
    >>> from kustomer_orm.emulator import Emulator
    >>> from kustomer_orm.webhooks import Receiver
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url) as client:
    ...     hook = server.webhooks.add("http://127.0.0.1:9", "kustomer.customer.create")
    ...     ident = server.world.add("customer", name="Ada")
    ...     server.webhooks.wait(1)
    ...     sent = server.webhooks.deliveries[0]
    ...     receiver = Receiver(client, hook.token)
    ...     receiver.receive(sent.body, sent.headers).record.name
    ...     receiver.receive(sent.body, sent.headers) is None
    True
    'Ada'
    True
    """

    def __init__(
        self,
        client: Client,
        key: str | Iterable[str],
        *,
        max_size: int = MAX_SIZE,
        seen: MutableMapping[str, str] | None = None,
    ) -> None:
        self._keys = Keys(key)
        del key  # an error page shows the local variables of every function on the way
        self._keys.refuse_none()
        self._client = client
        self._max_size = max_size
        self._memory = Memory(bounded(MOST_REMEMBERED) if seen is None else seen)

    def receive(self, body: bytes, headers: Mapping[str, str]) -> Event | None:
        """Verify, read and apply a delivery. No request. None where it is stale or repeated.

        It is remembered at once: if handling the event fails, another delivery of it is discarded
        as repeated. `receiving` waits for that.

        Args:
            body: the raw bytes of the request's body.
            headers: those of the request; the case of their names does not matter.

        Raises:
            WebhookError: `status` is the HTTP status to answer: 403, 413 or 400; 503 for a delivery
                that comes while the same event, or a newer one of its record, is being handled in
                this process, so that it comes again. Nothing was applied.
        """
        with self.receiving(body, headers) as event:
            return event

    @contextlib.contextmanager
    def receiving(self, body: bytes, headers: Mapping[str, str]) -> Iterator[Event | None]:
        """Do what `receive` does, and handle the event in here: `with … as event:`.

        It is remembered when the block ends without an exception. After one, let the answer be a
        500: Kustomer delivers again (documented), and that is handled anew.

        >>> from kustomer_orm import Client
        >>> from kustomer_orm.webhooks import Receiver, sign
        >>> receiver = Receiver(Client("a-key", org="acme"), "token")
        >>> body = (
        ...     b'{"name": "kustomer.tag.create", "data": {"type": "tag", "id": "5f1", '
        ...     b'"attributes": {"name": "vip"}}}'
        ... )
        >>> with receiver.receiving(
        ...     body, {"X-Kustomer-Webhook-Signature": sign(body, "token")}
        ... ) as event:
        ...     event.record.name
        'vip'
        """
        self._keys.check(body, _signature(headers), self._max_size)
        event = parse(body, self._client, max_size=self._max_size)
        with self._memory.handling(event) as place:
            if place in {Place.SAME, Place.OLDER}:
                drop_older(event)
                _log.debug("webhook: %r is discarded: %s", event, place.value)
                yield None
                return
            applied = apply(event)
            if applied.overlaps:
                _log.warning("webhook: %r met unsaved changes: %r", event, applied)
            yield event

    def __repr__(self) -> str:
        return f"<Receiver of {self._client!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Receiver is not pickled: it holds the key of a webhook and a client")


def _signature(headers: Mapping[str, str]) -> str | None:
    """Give the signature; None where there is none, or more than one."""
    wanted = SIGNATURE_HEADER.lower()
    found = [value for name, value in headers.items() if str(name).lower() == wanted]
    return found[0] if len(found) == 1 else None
