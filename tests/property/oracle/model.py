"""The model: what the server said last, what stands here, and what follows from the two."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from oracle.fields import FIELDS, Field
from oracle.merging import merged
from oracle.values import (
    ABSENT,
    DELETED,
    SETTLED,
    copied,
    flat,
    masked,
    nothing,
    plain_json,
    same,
)

Extent = Literal["new", "partial", "whole"]


@dataclass
class Local:
    """What stands here for one field, where it may differ from what the server said."""

    value: Any
    assigned: int = 0  # the number of the assignment, 0 when it was edited in place
    touched: int = 0  # the number of the touch, 0 when it was not touched
    doubt: Any = SETTLED  # what was sent when nobody knows what became of it


@dataclass(frozen=True)
class Difference:
    """One field of a save: the value here, and what the server had said of it by then."""

    field: Field
    value: Any
    base: Any
    assigned: int
    touched: int
    doubt: Any = SETTLED

    @property
    def wire(self) -> Any:
        """What goes out."""
        return None if self.value is DELETED else self.value


class CannotSendError(Exception):
    """A value breaks a rule of its kind, so nothing is sent."""


@dataclass
class Model:
    """One record."""

    tag_ids: Mapping[str, str]
    extent: Extent = "whole"
    id: str | None = None
    base: dict[str, Any] = field(default_factory=dict)
    local: dict[str, Local] = field(default_factory=dict)
    in_doubt: bool = False
    overlaps: set[str] = field(default_factory=set)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def twin(self) -> Model:
        """An independent copy."""
        local = {name: replace(each, value=copied(each.value)) for name, each in self.local.items()}
        return replace(self, base=copied_base(self.base), local=local, overlaps=set())

    # -- reading ------------------------------------------------------------------------------

    def base_of(self, one: Field) -> Any:
        """What the server said last, or ABSENT."""
        return self.base.get(one.name, ABSENT)

    def readable(self, one: Field) -> bool:
        """Whether it can be read without a request."""
        known = one.name in self.local or one.name in self.base
        return known or self.extent != "partial"

    def current(self, one: Field) -> Any:
        """What a reader gets: null for what is absent, an empty list for an absent set."""
        here = self.local.get(one.name)
        value = self.base_of(one) if here is None else here.value
        if nothing(value) or (not one.declared and not self.held(one)):
            return [] if one.kind == "set" else None
        return value

    def held(self, one: Field) -> bool:
        """Whether the mapping of custom attributes has the key."""
        here = self.local.get(one.name)
        if here is not None and (here.assigned or self.differs(one)):
            return here.value is not DELETED
        return self.base_of(one) is not ABSENT

    # -- editing ------------------------------------------------------------------------------

    def assign(self, one: Field, value: Any) -> None:
        """Put a new value, DELETED to take a custom key out."""
        known = self.local.get(one.name)
        doubt = SETTLED if known is None else known.doubt
        self.local[one.name] = Local(copied(value), assigned=next(self._numbers), doubt=doubt)

    def delete(self, one: Field) -> None:
        """Take out a custom key."""
        self.assign(one, DELETED)

    def hand_out(self, one: Field) -> Any:
        """Give a reader the list or dict, which stays the same one from now on."""
        value = self.current(one)
        if isinstance(value, (list, dict)) and not masked(value):
            return self.local.setdefault(one.name, Local(copied(value))).value
        return value

    def touch(self, one: Field) -> None:
        """Have it sent though it is equal."""
        here = self.local.setdefault(one.name, Local(copied(self.current(one))))
        here.touched = next(self._numbers)

    def restore(self, names: Collection[str] = ()) -> None:
        """Take back what was done here."""
        for name in list(self.local):
            if not names or name in names:
                here = self.local[name]
                here.touched = 0
                self._give_back(FIELDS[name], here)
                self._send_back(FIELDS[name], here.doubt)

    def _send_back(self, one: Field, doubt: Any) -> None:
        """Of what is in doubt the original has to be sent, where it is known and can be."""
        base = self.base_of(one)
        if one.name in self.local and not self.sendable(one):
            self.local[one.name].doubt = SETTLED  # nothing can be done about it by sending
        if doubt is SETTLED or one.name in self.local or masked(base):
            return
        if (base is not ABSENT or self.extent == "whole") and (one.nullable or not nothing(base)):
            value = None if nothing(base) else copied(base)
            self.local[one.name] = Local(value, assigned=next(self._numbers), doubt=doubt)
            if not self.sendable(one):
                del self.local[one.name]

    def put_in_doubt(self, differences: Iterable[Difference]) -> None:
        """Nobody knows what became of these."""
        self.in_doubt = True
        for each in differences:
            here = self.local.get(each.field.name)
            if here is None:
                continue
            if here.doubt is SETTLED:
                here.doubt = copied(each.wire)
            elif each.field.kind == "set" and all(
                isinstance(s, list) for s in (here.doubt, each.wire)
            ):
                # Either may have arrived, so whatever was in one of them may be there.
                here.doubt = [*here.doubt, *(item for item in each.wire if item not in here.doubt)]

    def _give_back(self, one: Field, here: Local) -> None:
        """Have the server's value; a list or dict that was handed out has it in place."""
        base = self.base_of(one)
        empty = type(here.value)() if isinstance(here.value, (list, dict)) else None
        value = empty if nothing(base) else base
        if here.assigned or empty is None or type(value) is not type(empty) or masked(value):
            del self.local[one.name]
        else:
            here.value = copied(value)

    # -- the difference -----------------------------------------------------------------------

    def differs(self, one: Field) -> bool:
        """Whether a save would send it."""
        here = self.local.get(one.name)
        if here is None:
            return False
        if here.doubt is not SETTLED and self.extent != "new":
            return True
        return bool(here.touched) or not self._unchanged(one, here, self.base, self.extent)

    def _unchanged(self, one: Field, here: Local, base: Mapping[str, Any], extent: Extent) -> bool:
        known = base.get(one.name, ABSENT)
        if nothing(known) and nothing(here.value):
            if extent == "new":
                return here.value is DELETED or not one.null_on_create
            return extent == "whole" or known is None
        if nothing(known):
            return not here.assigned and here.value in ([], {})
        return not masked(known) and same(one, here.value, known)

    def changed(self) -> set[str]:
        """The names of everything that a save would send."""
        return {name for name, one in FIELDS.items() if self.differs(one)}

    def sendable(self, one: Field) -> bool:
        """Whether its value keeps the rules of its kind."""
        value = self.current(one)
        if value is None:
            return one.nullable
        if one.kind == "object":
            return all(key in value for key in one.required)
        return True

    def differences(self, only: Collection[str] | None = None) -> list[Difference]:
        """What a save sends, in the order of the first touch."""
        found = []
        for name, here in self.local.items():
            one = FIELDS[name]
            if (only is not None and name not in only) or not self.differs(one):
                continue
            if not self.sendable(one):
                raise CannotSendError(name)
            base = copied(self.base_of(one))
            marks = here.assigned, here.touched, here.doubt
            found.append(Difference(one, copied(here.value), base, *marks))
        return found

    # -- what an answer moves -----------------------------------------------------------------

    def accept(
        self,
        differences: Iterable[Difference],
        resource: Mapping[str, Any] | None,
        *,
        merging: bool = False,
    ) -> None:
        """One request of a save succeeded; `resource` is None where its answer is unreadable.

        While `merging`, what is changed here and was not sent keeps what it was compared with.
        """
        before = copied_base(self.base)
        sent = {each.field.name: each for each in differences}
        answer = {} if resource is None else flat(resource)
        for name, each in sent.items():
            gone = each.value is DELETED and self.extent != "partial"
            if gone:
                self.base.pop(name, None)
            else:
                self.base[name] = copied(each.wire)
            if masked(answer.get(name)):
                del answer[name]
        held = [name for name in self.changed() if name not in sent] if merging else []
        news = {name: wire for name, wire in answer.items() if name not in held}
        self.base.update(self._seen(news, self.local))
        extent = self.extent
        self.extent = "whole" if extent == "new" else extent
        told = [name for name, wire in news.items() if not masked(wire)]
        self._carry_all(before, sent, extent, told)

    def reload(self, resource: Mapping[str, Any]) -> None:
        """The record was read again."""
        self.take(flat(resource), FIELDS)

    def take(self, values: Mapping[str, Any], known: Iterable[str]) -> None:
        """These are the values now; of `known` the server has just told them."""
        before, found = self.base, copied_base(values)
        told = [name for name in known if not masked(found.get(name))]
        held = [n for n, here in self.local.items() if isinstance(here.value, (list, dict))]
        self.base = self._seen(found, held)
        extent, self.extent = self.extent, "whole"
        self._carry_all(before, {}, extent, told)

    def _seen(self, answer: dict[str, Any], held: Iterable[str]) -> dict[str, Any]:
        """What is in somebody's hands and hidden stays as it was last seen."""
        hidden = [name for name in held if masked(answer.get(name))]
        known = {name: self.base[name] for name in hidden if name in self.base}
        return {**{name: wire for name, wire in answer.items() if name not in hidden}, **known}

    def discard(self) -> None:
        """Nothing of what was done here is wanted any more."""
        for name in list(self.local):
            here = self.local[name]
            here.touched, here.doubt = 0, SETTLED
            self._give_back(FIELDS[name], here)
        self.in_doubt = False

    def did_not_arrive(self) -> None:
        """What was in doubt is known not to have been carried out."""
        self.in_doubt = False
        for here in self.local.values():
            here.doubt = SETTLED

    def _carry_all(
        self,
        before: Mapping[str, Any],
        sent: Mapping[str, Difference],
        extent: Extent,
        told: Collection[str],
    ) -> None:
        self.in_doubt = False
        for name in list(self.local):
            one, here = FIELDS[name], self.local[name]
            each = sent.get(name)
            known = name in told
            if here.doubt is not SETTLED and each is None and not known:
                self.in_doubt = True  # the answer says nothing of it
                continue
            doubt, here.doubt = here.doubt, SETTLED
            changed_since = doubt is not SETTLED and not same(one, here.value, doubt)
            if each is None and changed_since and one.kind == "set":
                self._rebase(one, here, doubt, sent=True)
                continue
            if each is not None:
                # An earlier step of the same save may have settled the assignment already.
                if each.touched == here.touched and here.assigned in {0, each.assigned}:
                    here.assigned = here.touched = 0  # what was done meanwhile is still to be sent
                old = each.wire
                clean = same(one, here.value, old)
            else:
                there = before if not changed_since else self._arrived(one, doubt, before)
                old = there.get(name, ABSENT)
                clean = self._unchanged(one, here, there, extent)
            blind = extent == "partial" and each is None and here.assigned and old is ABSENT
            if clean:
                self._adopt(one, here)
            elif blind:
                self._stand(one, here)
            else:
                self._rebase(one, here, old, sent=each is not None)

    def _arrived(self, one: Field, doubt: Any, before: Mapping[str, Any]) -> dict[str, Any]:
        """What the server held before others wrote, if what was in doubt has arrived there."""
        theirs, old = self.base_of(one), before.get(one.name, ABSENT)
        if isinstance(doubt, dict) and isinstance(theirs, dict):
            there = dict(old) if isinstance(old, dict) and not masked(old) else {}
            for key, item in doubt.items():
                if key in theirs and plain_json(theirs[key]) == plain_json(item):
                    there[key] = item
            return {**before, one.name: there}
        return {**before, one.name: doubt} if same(one, theirs, doubt) else dict(before)

    def _stand(self, one: Field, here: Local) -> None:
        """What was assigned without having been read stays whole."""
        if nothing(self.base_of(one)):
            return
        if not same(one, here.value, self.base_of(one)):
            self.overlaps.add(one.name)
        elif not self.differs(one):
            self._adopt(one, here)

    def _adopt(self, one: Field, here: Local) -> None:
        """The server's value is the value; one that was touched is sent all the same."""
        here.assigned = 0
        self._give_back(one, here)
        if here.touched and self.sendable(one) and not masked(self.current(one)):
            self.local.setdefault(one.name, here).value = copied(self.current(one))
        else:
            here.touched = 0

    def _rebase(self, one: Field, here: Local, old: Any, *, sent: bool) -> None:
        theirs = self.base_of(one)
        if same(one, theirs, old):
            return
        mine = here.value
        if one.name == "tags" and all(isinstance(each, list) for each in (old, mine, theirs)):
            spelled = self._spellings(old, theirs)
            old, mine = ([spelled.get(tag, tag) for tag in side] for side in (old, mine))
        value, overlap = merged(one, old, mine, theirs)
        here.value = copied(value)
        if overlap and not sent:
            self.overlaps.add(one.name)
        if not self.differs(one):
            self._adopt(one, here)

    def _spellings(self, known: list[str], theirs: list[str]) -> dict[str, str]:
        """How the server spells the tags that it was told by name and answers by id."""
        other = {**self.tag_ids, **{ident: name for name, ident in self.tag_ids.items()}}
        return {tag: other[tag] for tag in known if tag not in theirs and other[tag] in theirs}


def copied_base(base: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that shares nothing."""
    return {name: copied(wire) for name, wire in base.items()}
