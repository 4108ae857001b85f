"""How far a bulk save is: a bar on the terminal, or a function of yours."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, Self

from kustomer_orm.errors import ConfigurationError


class Progress(NamedTuple):
    """How far a bulk save is.

    Attributes:
        seen: records that were looked at.
        total: how many there are, where that is known.
        settled: of those that had something to save, how many are done with, saved or not.
        waiting: how many are on their way.
        requests: requests that carried items.

    >>> Progress(seen=250, total=1000, settled=100, waiting=100, requests=2).seen
    250
    """

    seen: int
    total: int | None
    settled: int
    waiting: int
    requests: int


class Reporter(Protocol):
    """Who is told of the progress."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(self, *error: object) -> None:
        """End."""
        ...

    def __call__(self, progress: Progress) -> None:
        """Learn how far it is."""
        ...


class Told:
    """Tells a function; nobody, if it is None."""

    def __init__(self, tell: Callable[[Progress], object] | None) -> None:
        self._tell = tell

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing to end."""

    def __call__(self, progress: Progress) -> None:
        """Tell it."""
        if self._tell is not None:
            self._tell(progress)


class Bar:
    """A bar of rich: rate, time left, and what is left of the organisation's budget."""

    def __init__(self, budget: Callable[[], str]) -> None:
        try:
            rich: Any = importlib.import_module("rich.progress")
        except ModuleNotFoundError:
            message = (
                "progress=True needs rich: pip install 'kustomer_orm[cli]', or give a function"
            )
            raise ConfigurationError(message) from None
        self._budget = budget
        self._bar = rich.Progress(
            rich.TextColumn("{task.description}"),
            rich.BarColumn(),
            rich.MofNCompleteColumn(),
            rich.TextColumn("{task.fields[rate]}"),
            rich.TimeRemainingColumn(),
            rich.TextColumn("{task.fields[budget]}"),
        )
        self._task = self._bar.add_task("saving", total=None, rate="", budget="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        """Move the bar."""
        speed = self._bar.tasks[0].finished_speed or self._bar.tasks[0].speed
        self._bar.update(
            self._task,
            completed=progress.seen - progress.waiting,
            total=progress.total,
            rate="" if speed is None else f"{speed:.0f} records/s",
            budget=self._budget(),
        )


def reporter_of(progress: Any, budget: Callable[[], str]) -> Reporter:
    """Give who is told: a bar for True, a function, or nobody.

    Raises:
        ConfigurationError: a bar without rich, or something that cannot be called.
    """
    if progress is True:
        return Bar(budget)
    if progress in (False, None):
        return Told(None)
    if callable(progress):
        return Told(progress)
    raise ConfigurationError("progress is True, False or a function that takes a Progress")
