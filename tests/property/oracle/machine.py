"""The state machine: a record, its model, and a rule for everything that can happen to them."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable, Iterable
from typing import Any, Literal

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kustomer_orm import Conversation, SaveResult
from kustomer_orm._sentinels import Masked
from kustomer_orm.errors import (
    APIError,
    InvalidValueError,
    NotLoadedError,
    UnsavedChangesError,
)
from oracle.edits import Aliases, Assign, Edit, Restore, read, wire_of
from oracle.fields import FIELDS, Field
from oracle.lab import RETRIES, Lab, Support
from oracle.model import CannotSendError, Model
from oracle.replay import Replay
from oracle.requests import steps_of
from oracle.strategies import UPDATE_MASKS, Draws
from oracle.trouble import Trouble
from oracle.values import SETTLED, canonical, flat, masked, nothing, plain_json, same

Beginning = Literal["loaded", "new", "unloaded"]


def machine_in(lab: Lab) -> type[RuleBasedStateMachine]:  # noqa: C901 - one machine, whose rules close over the lab
    """The machine whose rules draw from a lab."""
    draws = Draws(lab)

    class Rules(Subject):
        """What can happen."""

        def __init__(self) -> None:
            super().__init__(lab)

        @initialize(
            beginning=st.sampled_from(["loaded"] * 6 + ["new", "new", "unloaded"]),
            values=draws.beginnings,
            cleared=st.sampled_from([("absent", "absent"), ("null", "null"), ("absent", "null")]),
            noop=st.booleans(),
            tags_as=st.sampled_from(["ids", "ids", "ids", "names"]),
            tags_order=st.sampled_from(["written", "reversed"]),
        )
        def begin(
            self,
            beginning: Beginning,
            values: dict[str, Any],
            cleared: tuple[str, str],
            noop: bool,  # noqa: FBT001 - drawn
            tags_as: str,
            tags_order: str,
        ) -> None:
            self.start(
                beginning,
                values,
                cleared_custom=cleared[0],
                cleared_attribute=cleared[1],
                noop_bumps_rev=noop,
                tags_read_as=tags_as,
                tags_order=tags_order,
            )

        @rule(edit=draws.edits)
        def edit(self, edit: Edit) -> None:
            self.do(edit)

        @rule(edit=draws.edits)
        def edit_again(self, edit: Edit) -> None:
            self.do(edit)

        @rule(edit=draws.restores())
        def restore(self, edit: Edit) -> None:
            self.do(edit)

        @rule(edits=draws.several, trouble=draws.troubles)
        def edit_and_save(self, edits: tuple[Edit, ...], trouble: Trouble) -> None:
            for edit in edits:
                self.do(edit)
            self.mend()
            self.do_save(trouble)

        @rule(
            edits=draws.several,
            trouble=draws.troubles,
            part=st.lists(st.sampled_from(sorted(FIELDS)), max_size=6, unique=True),
            conflict=st.sampled_from(["none", "verify", "careful", "careful"]),
        )
        def edit_and_save_a_part(
            self, edits: tuple[Edit, ...], trouble: Trouble, part: list[str], conflict: str
        ) -> None:
            for edit in edits:
                self.do(edit)
            changed = [name for name in FIELDS if name in self.model.changed()]
            self.do_save(trouble, [*changed[: len(part) % 3], *part], conflict)

        @rule()
        def save_plainly(self) -> None:
            self.do_save(Trouble())

        @precondition(lambda self: self.model.id is not None)
        @rule(trouble=draws.read_troubles, local=st.sampled_from(["keep", "discard", "raise"]))
        def refresh(self, trouble: Trouble, local: Literal["keep", "discard", "raise"]) -> None:
            self.do_refresh(trouble, local)

        @rule(values=draws.foreign)
        def somebody_writes(self, values: dict[str, Any]) -> None:
            lab.write(values)

        @rule(path=st.sampled_from(UPDATE_MASKS))
        def mask_or_unmask(self, path: str) -> None:
            if path in lab.masks:
                lab.masks.remove(path)
                lab.server.world.unmask("conversation", path)
            else:
                lab.masks.append(path)
                lab.server.world.mask("conversation", path)

        @rule(zone=st.sampled_from(["Z", ".5Z", "+02:00", ".000-07:00"]))
        def server_spells_times_otherwise(self, zone: str) -> None:
            text = f"2026-05-01T12:00:00{zone}"
            lab.write({"custom": {"dueAt": text}, "endedAt": text}, raw=True)
            lab.write({"snooze": {"status": "scheduled", "time": text}}, raw=True)

        @rule(way=st.sampled_from(["pickle", "copy", "deepcopy", "snapshot"]), keep=st.booleans())
        def travel(self, way: str, keep: bool) -> None:  # noqa: FBT001 - drawn
            self.do_travel(way, keep_original=keep)

        @rule()
        def read_everything(self) -> None:
            self.do_read_everything()

    return Rules


class Subject(RuleBasedStateMachine):
    """A record beside its model, with the checks."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self.lab = lab
        self.aliases: Aliases = {}
        self.witnesses: list[tuple[Conversation, Model]] = []
        self.record: Support = Support(lab.rival)
        self.model = Model(lab.tag_ids)
        lab.examples += 1

    def start(self, beginning: Beginning, values: dict[str, Any], **behaviour: Any) -> None:
        """Begin with a record that is on the server, or one that is not."""
        lab, model = self.lab, self.model
        lab.reset(**behaviour)
        with lab.client:
            if beginning == "new":
                model.extent = "new"
                self.record = Support(customer=lab.customers[0])
                model.assign(FIELDS["customer"], lab.customers[0])
                return
            model.id = lab.server.world.add(
                "conversation", **{"customer": lab.customers[0], **values}
            )
            if beginning == "unloaded":
                model.extent = "partial"
                self.record = Support(model.id)
                return
        self.record = Support.using(lab.client).get(model.id)
        model.base = flat(lab.server.requests[-1].answer["data"])

    # -- what happens -------------------------------------------------------------------------

    def do(self, edit: Edit) -> None:
        """Edit the record and the model."""
        self.lab.server.requests.clear()
        done = edit.on_record(self.record, self.aliases)
        if isinstance(edit, Restore):
            self._forget_assigned(edit)
        assert edit.on_model(self.model) == done, "only one of the two could be edited"
        self._forget_lost_aliases()
        assert not self.lab.server.requests

    def _forget_assigned(self, edit: Restore) -> None:
        """A list that was assigned is given up by a restore; one that was handed out stays."""
        for name in FIELDS if edit.name is None else [edit.name]:
            here = self.model.local.get(name)
            if here is not None and here.assigned:
                self.aliases.pop(name, None)

    def mend(self) -> None:
        """Take back what keeps the record from being saved."""
        for one in FIELDS.values():
            if self.model.differs(one) and not self.model.sendable(one):
                self.do(Restore(one.name))
        if self.model.extent == "new" and "customer" not in self.model.local:
            self.do(Assign("customer", self.lab.customers[1]))

    def do_save(
        self, trouble: Trouble, only: list[str] | None = None, conflict: str | None = None
    ) -> None:
        """Save, and hold what crossed the wire against the model."""
        server, model = self.lab.server, self.model
        try:
            steps: list[Any] | None = steps_of(model, only)
        except CannotSendError:
            steps = None
        new = model.extent == "new"
        server.requests.clear()
        flown = self._install(trouble)
        result, error = None, None
        try:
            result = self.record.save(only=only, conflict=conflict)
        except APIError as caught:
            error, result = type(caught).__name__, caught.result
        except InvalidValueError:
            error = None if steps is None else "InvalidValueError"  # after a careful read
            result = None if steps is None else SaveResult()
        self._uninstall()
        if steps is None:
            self.lab.outcomes["cannot be sent"] += 1
            assert not server.requests
            assert result is None, "sent what must not be sent"
            return
        replay = Replay(model, trouble, list(server.requests), RETRIES)
        expected = replay.save(steps, only, careful=conflict == "careful")
        self.lab.requests += len(server.requests)
        note(f"{[(each.method, each.path, each.body) for each in server.requests]} {error}")
        assert error == expected
        assert flown == replay.flown
        assert result is not None
        self.lab.outcomes[error or ("saved" if steps else "nothing to save")] += 1
        self.lab.outcomes["edited in flight"] += any(flown)
        assert bool(result.requests) == bool(replay.carried)
        assert bool(result) == (bool(result.requests) or replay.found)
        assert result.confirmed == replay.confirmed
        assert set(result.sent) == set(replay.carried)
        if not new:
            self._settle_ambiguous_tags(set(result.overlaps), trouble)
            assert set(result.overlaps) == model.overlaps
        self._forget_lost_aliases()

    def _settle_ambiguous_tags(self, reported: set[str], trouble: Trouble) -> None:
        """A tag removed while its name was on the way, and whose id nobody can tell, may stay.

        The library says so by an overlap; that is the one place where it may.
        """
        if "tags" in reported - self.model.overlaps and trouble.flying:
            there = wire_of(FIELDS["tags"], copy.copy(self.record).tags)
            here = self.model.current(FIELDS["tags"])
            assert {self._tag(tag) for tag in here} <= {self._tag(tag) for tag in there}
            self.model.overlaps.add("tags")
            self.model.hand_out(FIELDS["tags"])[:] = there

    def _tag(self, tag: str) -> str:
        return self.lab.tag_ids.get(tag, tag)

    def do_refresh(self, trouble: Trouble, local: Literal["keep", "discard", "raise"]) -> None:
        """Load again, and hold what is here afterwards against the model."""
        server, model = self.lab.server, self.model
        server.requests.clear()
        if local == "raise" and model.changed():
            try:
                self.record.refresh(local)
            except UnsavedChangesError:
                assert not server.requests
                return
            raise AssertionError("refresh(local='raise') took no notice of unsaved changes")
        flown = self._install(trouble)
        overlaps, error = {}, None
        try:
            overlaps = self.record.refresh(local)
        except APIError as caught:
            error = type(caught).__name__
        self._uninstall()
        replay = Replay(model, trouble, list(server.requests), RETRIES)
        expected = replay.refresh(discard=local == "discard")
        self.lab.requests += len(server.requests)
        assert error == expected
        assert flown == replay.flown
        if error is None:
            assert set(overlaps) == (set() if local == "discard" else model.overlaps)
            if local == "discard":
                for name in replay.given_up:
                    self.aliases.pop(name, None)
        self._forget_lost_aliases()

    def _install(self, trouble: Trouble) -> list[bool]:
        flown: list[bool] = []

        def fly(edit: Edit) -> None:
            for name in list(self.aliases):  # an earlier answer of the same save may have hidden it
                if isinstance(read(self.record, FIELDS[name]), Masked):
                    del self.aliases[name]
            flown.append(edit.on_record(self.record, self.aliases))

        trouble.install(self.lab.server, self.lab.write, fly)
        return flown

    def _uninstall(self) -> None:
        self.lab.server.faults.clear()
        if self.lab.server.errors:
            raise self.lab.server.errors.pop(0)

    def _forget_lost_aliases(self) -> None:
        """A list stays the same list until its place holds something that is no list."""
        for name in list(self.aliases):
            value = self.model.current(FIELDS[name])
            if not isinstance(value, (list, dict)) or masked(value):
                del self.aliases[name]

    def do_travel(self, way: str, *, keep_original: bool) -> None:
        """Go on with a copy, or let a copy stand aside and see that it stays as it is."""
        self.lab.server.requests.clear()
        if way == "snapshot" and not all(map(self.model.sendable, self._changed_fields())):
            return
        with self.lab.client:
            twin = self._copied(way)
        model = self.model.twin()
        if way == "snapshot":
            model.local = {
                name: here for name, here in model.local.items() if model.differs(FIELDS[name])
            }
        assert not self.lab.server.requests
        if keep_original:
            self.witnesses.append((twin, model))
            return
        self.witnesses.append((self.record, self.model))
        self.record, self.model = twin, model
        self.aliases.clear()

    def _changed_fields(self) -> Iterable[Field]:
        return [FIELDS[name] for name in self.model.changed()]

    def _copied(self, way: str) -> Support:
        if way == "snapshot":
            return Support.from_snapshot(json.loads(json.dumps(self.record.snapshot())))
        ways: dict[str, Callable[[Support], Support]] = {
            "pickle": lambda record: pickle.loads(pickle.dumps(record)),
            "copy": copy.copy,
            "deepcopy": copy.deepcopy,
        }
        return ways[way](self.record)

    def do_read_everything(self) -> None:
        """Read in every way there is."""
        self.lab.server.requests.clear()
        for one in FIELDS.values():
            try:
                value = read(self.record, one)
            except NotLoadedError:
                assert not self.model.readable(one)
            else:
                assert self.model.readable(one)
                self.model.hand_out(one)
                if isinstance(value, (list, dict)):
                    assert self.aliases.setdefault(one.name, value) is value
        shown = (self.record.raw, self.record.to_dict(), repr(self.record), self.record.changes)
        assert all(each is not None for each in shown)
        if self.model.extent != "partial":
            assert list(self.record.custom.items()) is not None
        assert not self.lab.server.requests

    # -- what must hold -----------------------------------------------------------------------

    @invariant()
    def record_and_model_agree(self) -> None:
        """After every step."""
        self.lab.steps += 1
        agree(self.record, self.model)
        for name, value in self.aliases.items():
            assert read(self.record, FIELDS[name]) is value, f"{name}: the held object is not live"

    def teardown(self) -> None:
        """See that copies stayed apart, and that the server ends up with what is here."""
        for record, model in self.witnesses:
            agree(record, model)
        if self.model.id is not None and self.lab.stored() is not None:
            self._converge()

    def _converge(self) -> None:
        model, lab = self.model, self.lab
        bad = [one.name for one in self._changed_fields() if not model.sendable(one)]
        for name in [*bad, "customer", "external_id"]:  # those that the server may refuse
            self.do(Restore(name))
        self.do_save(Trouble())
        left = f"still to be sent: {self.record.changes}; in the model: {model.changed()}"
        assert not self.record.is_dirty, left
        assert not self.record.save(), "a clean record made a request"
        self.do_refresh(Trouble(), "keep")
        assert not model.changed()
        stored = flat(lab.server.world.get("conversation", model.id or ""))
        for name, one in FIELDS.items():
            shown = model.current(one)
            there = stored.get(name)
            if one.kind == "set" and name == "tags" and isinstance(shown, list):
                shown = [self._tag(tag) for tag in shown]
            hidden = masked(shown) or name in lab.masks  # it shows as it was last seen
            assert hidden or same(one, shown or None, there or None), (name, shown, there)


def agree(record: Conversation, model: Model) -> None:
    """Hold everything that a record says of itself against the model."""
    changed = model.changed()
    differing = {name: record.changes.get(name) for name in set(record.changes) ^ changed}
    assert not differing, f"{sorted(changed)} must be changed; wrong: {differing}"
    assert record.is_dirty == bool(changed)
    doubts = {name: here.doubt for name, here in model.local.items() if here.doubt is not SETTLED}
    assert record.in_doubt == model.in_doubt, f"in doubt in the model: {doubts}"
    assert record.id == model.id
    twin = copy.copy(record)  # the reads below must not touch the record itself
    for name, one in FIELDS.items():
        try:
            value = read(twin, one)
        except NotLoadedError:
            assert not model.readable(one), f"{name} is known"
            continue
        here = model.current(one)
        assert model.readable(one), f"{name} is not known"
        if masked(here):
            assert isinstance(value, Masked), name
        else:
            _same_value(one, wire_of(one, value), here)
        if not one.declared and model.extent != "partial":
            assert (one.key in twin.custom) == model.held(one), name
    assert set(twin.changes) == changed, "reading made it dirty"
    _same_plan(twin, model)


def _same_value(one: Field, value: Any, here: Any) -> None:
    if one.kind == "set":
        assert value == here, one.name
    elif nothing(value) or nothing(here):
        assert nothing(value) == nothing(here), f"{one.name}: {value} {here}"
    else:
        assert canonical(one, value) == canonical(one, here), one.name


def _same_plan(record: Conversation, model: Model) -> None:
    try:
        steps = steps_of(model)
    except CannotSendError:
        try:
            record.plan()
        except InvalidValueError:
            return
        raise
    planned = [(each.method, each.path, plain_json(each.body)) for each in record.plan().requests]
    assert planned == [(each.method, each.path, plain_json(each.body)) for each in steps]
