"""What a bulk save did, record by record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kustomer_orm.errors import BulkError, KustomerError


class BulkFailure(NamedTuple):
    """One record that was not saved, or of which nobody knows.

    Attributes:
        record: the record; of `delete_all` with ids, the id; of `create_all`, values of which no
            record could be made.
        error: why, one of this library's errors.

    >>> BulkFailure("58228e05d4e96711004eccb7", KustomerError("refused")).error
    KustomerError('refused')
    """

    record: Any
    error: KustomerError


@dataclass(slots=True, eq=False)
class BulkResult:
    """What a bulk save did.

    A record that failed keeps its changes and can be saved again; so does one of which nobody
    knows, and that is `in_doubt`.

    Attributes:
        saved: the ids of the records that were changed.
        created: the ids of those that are new.
        deleted: the ids of those that are gone; where the server tells it, of those that were
            there before.
        unchanged: how many had nothing to save.
        failed: what the server or this library refused, and why; nothing of it was written.
        unknown: what was sent without anybody knowing what became of it.
        requests: how many requests carried items, bulk or single; polling comes on top.
        jobs: the ids of the bulk jobs.

    >>> BulkResult(saved=["58228e05d4e96711004eccb7"], unchanged=2, requests=1)
    <BulkResult saved=1 unchanged=2 requests=1>
    """

    saved: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    unchanged: int = 0
    failed: list[BulkFailure] = field(default_factory=list)
    unknown: list[BulkFailure] = field(default_factory=list)
    requests: int = 0
    jobs: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing failed and nothing is unknown."""
        return not (self.failed or self.unknown)

    def raise_for_failures(self) -> None:
        """Do nothing where all went well.

        Raises:
            BulkError: something failed, or nobody knows; it names all of it.
        """
        if self.ok:
            return
        errors = [failure.error for failure in (*self.failed, *self.unknown)]
        lines = "\n".join(f"  {error}" for error in errors)
        counts = f"{len(self.failed)} failed, of {len(self.unknown)} nobody knows"
        raise BulkError(f"{counts}:\n{lines}", errors=errors)

    def __repr__(self) -> str:
        counts = {
            name: len(getattr(self, name))
            for name in ("saved", "created", "deleted", "failed", "unknown")
        }
        counts = {"saved": counts.pop("saved"), "unchanged": self.unchanged, **counts}
        facts = [f"{name}={count}" for name, count in counts.items() if count]
        return f"<BulkResult {' '.join([*facts, f'requests={self.requests}'])}>"
