"""Finds out on one conversation what this organisation's server does with `rev`.

It sends the current value of one attribute again, with the current revision, with a stale one and
without any. Only where the server takes no notice of a write that changes nothing is the priority
changed by one, and put back. What others write meanwhile would be taken for the server's doing, so
every answer is compared with the one before, and any doubt ends the examination.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from kustomer_orm import Conversation
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.changes.wire import revision
from kustomer_orm.cli.asking import Line, resource_of
from kustomer_orm.errors import APIError, AuthenticationError, NotFoundError
from kustomer_orm.transport import Answer
from kustomer_orm.transport.limit_headers import object_counts

# Sent again as they are; neither holds a customer's text. The first one can be changed, too.
_CANDIDATES: Mapping[str, Callable[[Any], bool]] = {
    "priority": lambda value: type(value) is int and 1 <= value <= 5,
    "direction": lambda value: type(value) is str and value in {"in", "out"},
}
# So far behind is a stale revision that "ignored" (one more) and "stored" (that one, or the next)
# can be told apart by the revision that comes back.
_GAP = 2
# 409 is documented; whether it is that, nobody has recorded.
_REFUSALS = frozenset((400, 409, 412, 422, 428))
_OTHERS = "somebody wrote meanwhile (or a rule did): try again, on a record that nobody works on"


class Outcome(StrEnum):
    """What a server does with a write that carries a stale revision."""

    REFUSED = "refused"
    IGNORED = "ignored"
    STORED = "stored"


class UnclearError(Exception):
    """What was seen has more than one explanation."""


class OthersWroteError(UnclearError):
    """Somebody else has written in between."""

    def __init__(self) -> None:
        super().__init__(_OTHERS)


@dataclass
class Findings:
    """What was found out; None where it was not.

    Attributes:
        attribute: what was sent again.
        value: what it was before; a number or a word of the API's, no text.
        noop_adds: how much a write that changes nothing adds to `rev`.
        save_adds: how much one save adds.
        takes_current: whether a PUT with the current revision is carried out.
        by_patch: what a stale revision does in a PATCH.
        by_put: what it does in a PUT, which is what strict mode sends.
        refusal: the status of a refusal.
        object_budget: updates left of this record, and their limit, where the server told.
        problem: why the rest is not known; empty where all is.
        missing: whether there is no such conversation for this key.
        others: whether somebody else was seen to write meanwhile.
        wrote: whether anything was sent that writes.
        differs: what of the record is not as it was before, by the API's names.
        unsure: why it is not known whether the record is as it was; empty where it is known.
    """

    attribute: str = ""
    value: JSON = None
    noop_adds: int | None = None
    save_adds: int | None = None
    takes_current: bool | None = None
    by_patch: Outcome | None = None
    by_put: Outcome | None = None
    refusal: int = 409
    object_budget: tuple[int, int] | None = None
    problem: str = ""
    missing: bool = False
    others: bool = False
    wrote: bool = False
    differs: list[str] = field(default_factory=list)
    unsure: str = ""


def examine(line: Line, id_: str, announce: Callable[[str], None]) -> Findings:
    """Examine a server on one conversation; `announce` is told before a value is changed.

    Six to thirteen requests. Ctrl-C ends it early; the record is put back then, too.
    """
    with contextlib.closing(line.patient()) as patient:
        return _examined(_Probe(line, patient, id_, announce))


def _examined(probe: _Probe) -> Findings:
    found = probe.found
    try:
        probe.examine()
    except AuthenticationError as error:  # the key itself is good: that was looked at before
        found.problem = f"{error.method} is refused with {error.status}: a role is missing"
    except (APIError, UnclearError) as error:
        found.problem = str(error)
        found.missing = isinstance(error, NotFoundError) and not found.wrote
        found.others = isinstance(error, OthersWroteError)
    except KeyboardInterrupt:
        found.problem = "interrupted"
    if found.wrote:
        try:
            probe.put_back()
        except KeyboardInterrupt:
            found.unsure = "interrupted while it was put back"
        except (APIError, UnclearError) as error:
            found.unsure = str(error)
    return found


class _Probe:
    """One examination: what was read first, what is known to be there now."""

    def __init__(
        self, line: Line, patient: Line, id_: str, announce: Callable[[str], None]
    ) -> None:
        self.found = Findings()
        self._line = line
        self._patient = patient  # puts back, and may not fail for a hiccup
        self._announce = announce
        self._path = f"{Conversation.path}/{quote(id_, safe='')}"
        self._name = ""
        self._value: JSON = None
        self._first: JSONObject = {}
        self._now: JSONObject = {}
        self._changes = False  # whether the writes have to change something
        self._under_way = False  # whether a write was sent whose answer has not come
        self._stored_by = self._last_method = ""
        self._highest = 0

    def examine(self) -> None:
        """Send the writes, and note what came of each."""
        self._first = self._now = self._read(self._line)
        self._highest = self._rev
        self._choose()
        self._see_what_is_added()
        kept = self._see_a_current_one()
        if self.found.takes_current:
            self.found.by_patch = self._send_stale("PATCH")
            self.found.by_put = self._send_stale("PUT")
            if kept and Outcome.STORED not in (self.found.by_patch, self.found.by_put):
                raise OthersWroteError  # a server that stores none does not keep one either

    def put_back(self) -> None:
        """Have the record as it was, and look whether it is."""
        now = self._read(self._patient)
        gap = self._revision(now) - self._rev
        # After a failure, one write of ours may have been carried out without an answer.
        if gap > 1 if self.found.problem else gap != 0:
            self.found.others = True
            self.found.problem = self.found.problem or _OTHERS
        changed = self._changes and now["attributes"].get(self._name) == self._other
        fell = self._revision(now) < self._highest
        back = fell or (self._stored_by and self._revision(now) == self._highest)
        if changed or back or (self._changes and self._under_way):
            body: JSONObject = {self._name: self._value}
            if back:  # forward again: others compare with the revision that they know
                body["rev"] = self._highest + 1
            method = (self._stored_by or self._last_method) if back else "PATCH"
            self._succeed(self._patient, method, body)
            now = self._read(self._patient)
        self.found.differs = _differences(self._first, now)
        if self._revision(now) < self._highest:
            self.found.differs.append("rev")

    # -- the steps -----------------------------------------------------------------------------

    def _choose(self) -> None:
        """Find an attribute to send again."""
        attributes = self._first["attributes"]
        for name, usable in _CANDIDATES.items():
            if usable(attributes.get(name)):
                self._name = self.found.attribute = name
                self._value = self.found.value = attributes[name]
                return
        raise UnclearError(
            "neither the priority nor the direction of this record can be read: take another one"
        )

    def _see_what_is_added(self) -> None:
        before = self._rev
        added = self._written("PATCH") - before
        if added not in {0, 1}:
            raise OthersWroteError
        self.found.noop_adds = self.found.save_adds = added
        if added:
            return
        if self._name != "priority":
            raise UnclearError("a write that changes nothing says nothing here: take another one")
        self._announce(
            f"A write that changes nothing leaves no trace here: the priority {self._value} of "
            f"the conversation is changed to {self._other} and put back."
        )
        self._changes = True
        self.found.save_adds = None
        self._rise()
        self.found.save_adds = 1

    def _see_a_current_one(self) -> bool:
        """Send the current revision: a refusal of stale ones means nothing where all are.

        Returns:
            Whether it is the record's revision still, as where the one that was sent is stored.
        """
        while self._rev <= _GAP:
            self._rise()
        before = self._rev
        after = self._write("PUT", before)
        if after is None:
            if self._revision(self._read(self._line)) != before:
                raise OthersWroteError
        elif after not in {before, before + 1}:
            raise OthersWroteError
        self.found.takes_current = after is not None
        return after == before

    def _send_stale(self, method: str) -> Outcome:
        while self._rev <= _GAP:
            self._rise()
        before = self._rev
        stale = before - _GAP
        after = self._write(method, stale)
        if after is None:
            return Outcome.REFUSED
        if after == before + 1:
            return Outcome.IGNORED
        if after in {stale, stale + 1}:
            self._stored_by = method
            return Outcome.STORED
        raise OthersWroteError

    def _rise(self) -> None:
        """Write without a revision, which adds one."""
        before = self._rev
        if self._written("PATCH") != before + 1:
            raise OthersWroteError

    # -- requests ------------------------------------------------------------------------------

    def _written(self, method: str) -> int:
        """Write without a revision, and give the one that comes back."""
        after = self._write(method, None)
        if after is None:
            raise UnclearError(f"{method} without a revision is refused")
        return after

    def _write(self, method: str, rev: int | None) -> int | None:
        """Write, and give the revision that comes back; None for a refusal of the one sent."""
        value = self._value
        if self._changes and self._now["attributes"].get(self._name) == value:
            value = self._other
        body: JSONObject = {self._name: value}
        if rev is not None:
            body["rev"] = rev
        self.found.wrote = self._under_way = True
        self._last_method = method
        answer = self._send(self._line, method, body)
        self._under_way = False
        if rev is not None and answer.status in _REFUSALS:
            self.found.refusal = answer.status
            return None
        before, self._now = self._now, self._resource(answer, method)
        self._highest = max(self._highest, self._rev)
        moved = [name for name in _differences(before, self._now) if name != self._name]
        if moved or self._now["attributes"].get(self._name) != value:
            raise OthersWroteError
        return self._rev

    def _send(self, line: Line, method: str, body: JSONObject) -> Answer:
        plain = method != "PATCH"
        kind = "application/json" if plain else Conversation.update_content_type
        return line.ask(method, self._path, body, kind)

    def _succeed(self, line: Line, method: str, body: JSONObject) -> None:
        answer = self._send(line, method, body)
        error = line.error(answer, method, self._path)
        if error is not None:
            raise error

    def _read(self, line: Line) -> JSONObject:
        return self._resource(line.ask("GET", self._path), "GET")

    def _resource(self, answer: Answer, method: str) -> JSONObject:
        error = self._line.error(answer, method, self._path)
        if error is not None:
            raise error
        resource = resource_of(answer)
        if resource is None or type(resource["attributes"].get("rev")) is not int:
            raise UnclearError(f"the answer to {method} shows no whole record with a revision")
        if revision(resource["attributes"]) is None:
            raise UnclearError("the revision of this record is no count: take another one")
        told = object_counts(answer.headers)
        if told.limit is not None and told.remaining is not None:
            self.found.object_budget = (told.remaining, told.limit)
        return resource

    # -- what is known -------------------------------------------------------------------------

    @property
    def _other(self) -> int:
        """Give the neighbour of the priority."""
        value = self._value if isinstance(self._value, int) else 0
        return value + 1 if value < 5 else value - 1

    @property
    def _rev(self) -> int:
        return self._revision(self._now)

    @staticmethod
    def _revision(resource: JSONObject) -> int:
        rev: int = resource["attributes"]["rev"]
        return rev


def _differences(before: JSONObject, after: JSONObject) -> list[str]:
    """Name what differs of what people write: derived values and times move by themselves."""
    names = [getattr(Conversation, name).key for name in Conversation.schema().fields]
    old, new = before["attributes"], after["attributes"]
    moved = [name for name in dict.fromkeys([*names, "custom"]) if old.get(name) != new.get(name)]
    old, new = (_related(each) for each in (before, after))
    return moved + [name for name in {**old, **new} if old.get(name) != new.get(name)]


def _related(resource: JSONObject) -> dict[str, JSON]:
    relationships = resource.get("relationships") or {}
    return {
        name: held.get("data")
        for name, held in relationships.items()
        if isinstance(held, dict) and name != "modifiedBy"
    }
