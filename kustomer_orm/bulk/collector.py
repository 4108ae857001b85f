"""`Bulk`: collects records of whatever class while you go on, and saves them by the hundred."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Protocol, Self

from kustomer_orm.bulk.ending import landed
from kustomer_orm.bulk.progress import reporter_of
from kustomer_orm.bulk.results import BulkResult
from kustomer_orm.bulk.taking import check_options, several
from kustomer_orm.errors import ConfigurationError, InvalidValueError


class Saver(Protocol):
    """What saves the records of one kind by the hundred."""

    def save(self, record: Any) -> None:
        """Take a record; send a hundred when there are as many."""
        ...

    def delete(self, record: Any) -> None:
        """Take a record to delete."""
        ...

    def finish(self) -> None:
        """Send the rest, and wait for all of it."""
        ...

    def settle(self, *, patient: bool) -> None:
        """Settle what was sent, and send no more."""
        ...

    def give_up(self) -> None:
        """Put in doubt what was sent and is not settled."""
        ...


class SavesMany(Protocol):
    """What a collector asks of a record class."""

    @classmethod
    def _saver(cls, client: Any, result: BulkResult, options: dict[str, Any]) -> Saver:
        """Give what saves its records."""
        ...

    @classmethod
    def _bulk_key(cls) -> str:
        """Give what all classes have in common that are saved together."""
        ...


class Bulk:
    """Collects records and saves them in bulk: `with client.bulk() as bulk: bulk.save(record)`.

    A hundred of one kind go out as soon as they are there, the rest at the end of the block, each
    as it is then: a record that waits may be edited, saved by itself or given again. Where the
    block raises, what was sent is settled, or in doubt, and the rest is not sent: those records
    keep their changes. Threads may share one. Outside of the block it takes nothing.

    Attributes:
        result: what was done so far; whole once the block has ended.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url) as client:
    ...     for _ in range(3):
    ...         _ = server.world.add("conversation")
    ...     with client.bulk() as bulk:
    ...         for conversation in Conversation.all():
    ...             conversation.status = "done"
    ...             bulk.save(conversation)
    ...     bulk.result
    <BulkResult saved=3 requests=1>
    """

    def __init__(self, client: Any, options: dict[str, Any]) -> None:
        check_options(options)
        self.result = BulkResult()
        self._client = client
        self._report = reporter_of(options.pop("progress", None), client.budget_left)
        self._options = {**options, "reporter": self._report}
        self._savers: dict[str, Saver] = {}
        self._lock = threading.RLock()
        self._block = contextlib.ExitStack()
        self._is_open = self._is_left = False

    def save(self, record: Any) -> None:
        """Take a record. No request for a clean one; a bulk request when there are a hundred.

        Raises:
            ConfigurationError: outside of the block, where nothing would send it.
        """
        with self._taking():
            self._saver_of(record).save(record)

    def delete(self, record: Any) -> None:
        """Take a record to delete: a customer or a custom object.

        Raises:
            QueryError: the API deletes no others in bulk.
        """
        with self._taking():
            self._saver_of(record).delete(record)

    def save_all(self, records: Iterable[Any]) -> None:
        """Take several records."""
        for record in several("bulk.save_all", "record", records):
            self.save(record)

    def flush(self) -> None:
        """Send what was collected, and wait for it.

        Raises:
            ConfigurationError: outside of the block.
        """
        with self._taking():
            self._finish()

    def __enter__(self) -> Self:
        self._block.enter_context(self._report)
        self._block.enter_context(landed(self._savers.values, self.result, at_hand=True))
        self._is_open, self._is_left = True, False
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._is_open = False  # who has the lock ends what it is at, and nobody begins anew
        has_lock = False
        try:
            with self._lock:
                has_lock = True
                try:
                    if error is None:
                        with self._block:
                            self._finish()
                    else:
                        self._block.__exit__(kind, error, trace)
                finally:
                    self._is_open = False
        finally:
            if not has_lock:
                self._leave()

    def _leave(self) -> None:
        """End at once, as Ctrl-C came while another thread has the lock: that one gives up."""
        self._is_open, self._is_left = False, True
        if self._lock.acquire(blocking=False):
            try:
                self._give_up()
            finally:
                self._lock.release()

    def _give_up(self) -> None:
        for saver in list(self._savers.values()):
            saver.give_up()

    def _finish(self) -> None:
        for saver in list(self._savers.values()):
            saver.finish()

    @contextlib.contextmanager
    def _taking(self) -> Iterator[None]:
        """Do something in here that no other thread does, and none once the block has ended.

        Raises:
            ConfigurationError: it has, or has not begun.
        """
        with self._lock:
            if not self._is_open:
                raise ConfigurationError(
                    "this bulk is not open: it takes records inside `with client.bulk() as bulk:`, "
                    "and what it took after that would never be sent"
                )
            try:
                yield
            finally:
                if self._is_left:
                    self._give_up()

    def _saver_of(self, record: SavesMany) -> Saver:
        if not hasattr(record, "_bulk_key"):
            got = type(record).__name__
            raise InvalidValueError.of("bulk", expected="a record of a resource", got=f"a {got}")
        key = record._bulk_key()  # noqa: SLF001 - of records, which are two floors up
        if key not in self._savers:
            made = record._saver(self._client, self.result, self._options)  # noqa: SLF001
            self._savers[key] = made
        return self._savers[key]
