"""What a bulk save leaves behind when an exception passes: nothing in the air, and its result."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from kustomer_orm.bulk.results import BulkResult


class Landing(Protocol):
    """What has jobs out."""

    def settle(self, *, patient: bool) -> None:
        """Settle what was sent: wait for it, or ask each job once."""
        ...

    def give_up(self) -> None:
        """Put in doubt what is not settled, at no cost."""
        ...


@contextlib.contextmanager
def landed(
    savers: Callable[[], Iterable[Landing]], result: BulkResult, *, at_hand: bool = False
) -> Iterator[None]:
    """Leave no job out, whatever exception passes; it carries the result as its `result`.

    It wins over what goes wrong meanwhile, other than Ctrl-C. Jobs are waited for, or, where
    somebody is in a hurry (Ctrl-C, the end of a process), asked once. What is open even then is in
    doubt.

    Args:
        savers: gives those that have jobs out.
        result: the result.
        at_hand: whether whoever catches it has the result anyway, so that one which the exception
            carries already, of a save inside, stays.
    """
    try:
        yield
    except BaseException as error:
        _carry(error, result, at_hand=at_hand)
        try:
            for saver in savers():
                saver.settle(patient=isinstance(error, Exception))
        except BaseException as another:
            if not isinstance(another, Exception):
                _carry(another, result, at_hand=at_hand)
                raise
            # Theirs wins: what went wrong while settling it is no reason to lose it.
            error.add_note(f"what was sent is in doubt: {type(another).__name__} on settling it")
        finally:
            for saver in savers():
                saver.give_up()
        raise


def _carry(error: BaseException, result: BulkResult, *, at_hand: bool) -> None:
    if not at_hand or getattr(error, "result", None) is None:
        vars(error)["result"] = result
