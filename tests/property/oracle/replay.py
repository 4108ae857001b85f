"""Goes through what crossed the wire, and holds it against what the model says must cross."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kustomer_orm.emulator import Exchange
from oracle.fields import FIELDS
from oracle.model import CannotSendError, Model
from oracle.requests import COLLECTION, Step, look_up_of, steps_of
from oracle.trouble import Fate, Trouble
from oracle.values import SETTLED, flat, masked, plain_json, same

WHOAMI = "/v1/auth/tokens/current"
REFUSALS = {
    400: "BadRequestError",
    401: "PermissionDeniedError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
}


class StoppedError(Exception):
    """The call ends with an error of this name."""


@dataclass
class Replay:
    """One call: a save or a refresh."""

    model: Model
    trouble: Trouble
    exchanges: Sequence[Exchange]
    retries: int
    flown: list[bool] = field(default_factory=list)
    confirmed: bool = True
    found: bool = False
    carried: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    _next: int = 0
    _uncertain: bool = False

    def save(
        self, steps: list[Step], only: Collection[str] | None = None, *, careful: bool = False
    ) -> str | None:
        """Follow a save; the name of the error that it must end with."""
        return self._ended(lambda: self._save(steps, only, careful=careful))

    def refresh(self, *, discard: bool) -> str | None:
        """Follow a refresh; the name of the error that it must end with."""
        return self._ended(lambda: self._refresh(discard=discard))

    def _ended(self, follow: Any) -> str | None:
        self.model.overlaps.clear()
        try:
            follow()
        except StoppedError as stopped:
            return str(stopped)
        finally:
            extra = [f"{each.method} {each.path}" for each in self.exchanges[self._next :]]
        assert not extra, f"requests that nothing called for: {extra}"
        return None

    # -- a save -------------------------------------------------------------------------------

    def _save(self, steps: list[Step], only: Collection[str] | None, *, careful: bool) -> None:
        if self.model.extent == "new":
            steps = self._create(steps[0], only)
        elif careful and steps:
            steps = self._merge(only)
        while steps:
            step, *steps = steps
            exchange, fate = self._sent(step.method, step.path, step.body)
            if fate not in {"answered", "unreadable"}:
                self._stop(exchange, fate, step)
            self._accept(step, exchange, fate, merging=careful)
            if careful and fate == "answered":
                steps = self._left(steps, exchange.answer["data"])

    def _accept(self, step: Step, exchange: Exchange, fate: Fate, *, merging: bool = False) -> None:
        resource = exchange.answer["data"] if fate == "answered" else None
        self.confirmed = self.confirmed and resource is not None
        self.carried += [each.field.name for each in step.differences]
        self.model.accept(step.carried(self.model), resource, merging=merging)

    def _left(self, steps: list[Step], resource: Mapping[str, Any]) -> list[Step]:
        """What is left to send after an answer, which is merged as a read is."""
        names = [each.field.name for step in steps for each in step.differences]
        answer = flat(resource)
        for name in [name for name in self.model.local if masked(answer.get(name))]:
            del answer[name]
        self._take_theirs({**self.model.base, **answer}, answer, names)
        return self._planned(names) if names else []

    def _merge(self, only: Collection[str] | None) -> list[Step]:
        """Follow the read of a careful save; what is left to send after the merge."""
        exchange, fate = self._sent("GET", f"{COLLECTION}/{self.model.id}", None)
        if fate != "answered":
            self._stop_read(exchange, fate)
        self._take_theirs(flat(exchange.answer["data"]), FIELDS, only)
        return self._planned(only)

    def _take_theirs(
        self, values: dict[str, Any], told: Iterable[str], wanted: Collection[str] | None
    ) -> None:
        """Merge; a conflict in what is wanted stops the save, one elsewhere waits for another."""
        model = self.model
        trial = model.twin()
        trial.take(values, told)
        partial = model.extent == "partial"
        found = {
            name
            for name in trial.overlaps
            if FIELDS[name].kind != "set" and not (partial and name not in model.base)
        }
        if found if wanted is None else found.intersection(wanted):
            raise StoppedError("ConflictError")
        for name in found:
            values = {key: wire for key, wire in values.items() if key != name}
            values |= {name: model.base[name]} if name in model.base else {}
        reported = model.overlaps | found
        model.take(values, [name for name in told if name not in found])
        model.overlaps = reported

    def _planned(self, only: Collection[str] | None) -> list[Step]:
        try:
            return steps_of(self.model, only)
        except CannotSendError:
            raise StoppedError("InvalidValueError") from None

    def _create(self, step: Step, only: Collection[str] | None) -> list[Step]:
        """Follow a creation; what is left to be sent when the record was found instead."""
        if self.model.in_doubt and self._found(posted=False):
            return steps_of(self.model, only)
        for last in (False, True):
            exchange, fate = self._sent("POST", COLLECTION, step.body, repeatable=False)
            if fate == "answered":
                self.model.id = exchange.answer["data"]["id"]
                self._accept(step, exchange, fate)
                return []
            if fate in {"refused", "limited"}:
                self._stop(exchange, fate)
            self.model.put_in_doubt(step.differences)
            if last:
                raise StoppedError("OutcomeUnknownError")
            if self._found(posted=True):
                self.carried += [each.field.name for each in step.differences]
                return steps_of(self.model, only)
        return []

    def _found(self, *, posted: bool) -> bool:
        place = look_up_of(self.model)
        if place is None:
            raise StoppedError("OutcomeUnknownError")
        exchange, fate = self._sent("GET", place, None)
        if exchange.status == 404:
            self.model.did_not_arrive()
            return False
        if fate != "answered":
            try:
                self._stop_read(exchange, fate)
            except StoppedError:
                if posted:
                    raise StoppedError("OutcomeUnknownError") from None
                raise
        if self._is_anothers(exchange.answer["data"]):
            self.model.did_not_arrive()
            raise StoppedError("ConflictError")
        self.model.id = exchange.answer["data"]["id"]
        self.confirmed = False
        self.found = True
        self.model.reload(exchange.answer["data"])
        return True

    def _is_anothers(self, resource: Mapping[str, Any]) -> bool:
        """Whether what is there holds another value than was sent; names of tags are no sign."""
        stored = flat(resource)
        return any(
            here.doubt is not SETTLED
            and FIELDS[name].kind != "set"
            and not masked(stored.get(name))
            and not same(FIELDS[name], here.doubt, stored.get(name))
            for name, here in self.model.local.items()
        )

    # -- a refresh ----------------------------------------------------------------------------

    def _refresh(self, *, discard: bool) -> None:
        exchange, fate = self._sent("GET", f"{COLLECTION}/{self.model.id}", None)
        if fate != "answered":
            self._stop_read(exchange, fate)
        local = self.model.local
        given_up = [name for name, here in local.items() if here.assigned]
        self.model.reload(exchange.answer["data"])
        if discard:
            self.given_up = given_up
            self.model.discard()

    # -- one request --------------------------------------------------------------------------

    def _sent(
        self, method: str, path: str, body: Any, *, repeatable: bool = True
    ) -> tuple[Exchange, Fate]:
        """Take one request with its repetitions; the last exchange and what became of it."""
        first: bytes | None = None
        self._uncertain = False
        for attempt in range(self.retries + 1):
            number = self._next
            exchange = self._take(method, path, body)
            assert first in (None, exchange.raw), "a repetition sent other bytes"
            first = exchange.raw
            fate = self.trouble.fate(number, exchange)
            cut = method == "GET" and fate == "unreadable" and self.trouble.ending == "cut_inside"
            again = fate == "limited" or cut or (fate == "unknown" and repeatable)
            if not again or attempt == self.retries:
                return exchange, fate
            self._uncertain = self._uncertain or (fate == "unknown" and method != "GET")
        raise AssertionError("not reached")

    def _take(self, method: str, path: str, body: Any) -> Exchange:
        assert self._next < len(self.exchanges), f"missing: {method} {path} {body}"
        exchange = self.exchanges[self._next]
        if self._next == self.trouble.flying_at:
            self.flown = [edit.on_model(self.model) for edit in self.trouble.flying]
        self._next += 1
        assert (exchange.method, exchange.path) == (method, path)
        expected, crossed = plain_json(body), plain_json(exchange.body)
        assert crossed == expected, f"sent {crossed}\nmust be {expected}"
        return exchange

    def _stop(self, exchange: Exchange, fate: Fate, step: Step | None = None) -> None:
        if (fate == "unknown" or self._uncertain) and step is not None:
            self.model.put_in_doubt(step.differences)
        if fate == "refused":
            if exchange.status == 401:
                self._take("GET", WHOAMI, None)
            raise StoppedError(REFUSALS[exchange.status or 0])
        raise StoppedError("RateLimitError" if fate == "limited" else "OutcomeUnknownError")

    def _stop_read(self, exchange: Exchange, fate: Fate) -> None:
        if fate == "refused":
            self._stop(exchange, fate)
        if fate == "unreadable":
            raise StoppedError("UnexpectedAnswerError")
        names = {"limited": "RateLimitError"}
        status = "ServerError" if exchange.status else "ConnectionFailedError"
        raise StoppedError(names.get(fate, status))
