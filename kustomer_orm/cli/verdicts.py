"""What the findings about revisions mean for the conflict modes, as rows and as facts."""

from __future__ import annotations

from typing import Any

from kustomer_orm.cli.findings import Check, Verdict
from kustomer_orm.cli.revisions import Findings, Outcome

_MODES = "conflict modes"
_CAREFUL = 'conflict="careful" merges where "strict" is no help'


def checks(found: Findings, configured: str) -> list[Check]:
    """Give a row for each finding; `configured` is the conflict mode of the settings."""
    if found.missing:
        advice = "give the id of one that this key can read"
        return [Check("conversation", Verdict.FAIL, "no such conversation", advice)]
    rows = [
        _added("one save", found.save_adds, found.problem),
        _added("a write that changes nothing", found.noop_adds, found.problem),
        _stale("PATCH", found.by_patch, found),
        _stale("PUT", found.by_put, found),
        _modes(found, configured),
    ]
    if found.object_budget is not None:
        left, limit = found.object_budget
        said = f"{left} of {limit} updates of one record left in this window"
        rows.append(Check("object limit", Verdict.OK, said))
    return [*rows, _afterwards(found)]


def facts(found: Findings) -> dict[str, Any]:
    """Give the findings for a program to read."""
    return {
        "attribute": found.attribute or None,
        "noop_adds": found.noop_adds,
        "save_adds": found.save_adds,
        "takes_current": found.takes_current,
        "stale_by_patch": found.by_patch,
        "stale_by_put": found.by_put,
        "strict": None if found.problem else strict(found),
        "problem": found.problem or None,
        "differs": found.differs,
        "maybe_overwritten": [found.attribute] if _may_be_lost(found) else [],
    }


def strict(found: Findings) -> str:
    """Say what strict mode, which sends PUT, does on such a server."""
    if not found.takes_current:
        return "strict cannot save"
    if found.by_put is not Outcome.REFUSED:
        return "strict does not enforce"
    return "strict enforces" if found.by_patch is Outcome.REFUSED else "strict only by PUT"


def _added(what: str, added: int | None, problem: str) -> Check:
    name = f"rev: {what}"
    if added is None:
        return Check(name, Verdict.UNKNOWN, problem or "not found out", asked=True)
    return Check(name, Verdict.OK, "adds exactly one" if added else "adds nothing")


def _stale(method: str, outcome: Outcome | None, found: Findings) -> Check:
    name = f"stale rev by {method}"
    if outcome is None:
        why = found.problem or f"not asked: a current one is refused with {found.refusal}"
        return Check(name, Verdict.UNKNOWN, why, asked=True)
    said = f"refused with {found.refusal}" if outcome is Outcome.REFUSED else str(outcome)
    ok = outcome is Outcome.REFUSED or (method == "PATCH" and outcome is Outcome.IGNORED)
    return Check(name, Verdict.OK if ok else Verdict.WARN, said)


def _modes(found: Findings, configured: str) -> Check:
    if found.problem:
        return Check(_MODES, Verdict.UNKNOWN, found.problem, asked=True)
    said = strict(found)
    bad = Verdict.FAIL if configured == "strict" else Verdict.WARN
    if not found.takes_current:
        why = f"{said}: even the current revision is refused with {found.refusal}"
        return Check(_MODES, bad, why, _CAREFUL)
    if found.by_put is Outcome.STORED:
        why = (
            f"{said}: it behaves as verify at best, and it sets the revision back to the one loaded"
        )
        hidden = "do not use it: such a save is invisible to the verify of everybody else"
        return Check(_MODES, bad, why, f"{hidden}; {_CAREFUL}")
    if found.by_put is Outcome.IGNORED:
        return Check(_MODES, bad, f"{said}: it behaves as verify", _CAREFUL)
    if found.refusal != 409:
        why = f"{said}, but with {found.refusal}: the save ends in an error and merges nothing"
        return Check(_MODES, bad, why, _CAREFUL)
    by_put = " (which is what the library's strict mode sends)"
    tail = "" if found.by_patch is Outcome.REFUSED else by_put
    return Check(_MODES, Verdict.OK, f"{said}{tail}; none, verify and careful work as well")


def _afterwards(found: Findings) -> Check:
    name = "the record afterwards"
    if not found.wrote:
        return Check(name, Verdict.OK, "nothing was written to it")
    if found.unsure:
        return Check(
            name, Verdict.FAIL, found.unsure, f"set its {found.attribute} to {found.value}"
        )
    if found.differs:
        names = ", ".join(found.differs)
        said = f"not as it was: {names}; others may have done that"
        if _may_be_lost(found):
            said += f"; {_lost(found)}"
        return Check(name, Verdict.FAIL, said, "look at these attributes")
    if _may_be_lost(found):
        return Check(
            name, Verdict.WARN, f"somebody wrote meanwhile; {_lost(found)}", "look at its history"
        )
    said = "every value is as it was; rev and the times have moved"
    if Outcome.STORED in (found.by_patch, found.by_put):
        said += "; whether somebody wrote meanwhile cannot be told, as revisions are set back here"
    return Check(name, Verdict.OK, said)


def _may_be_lost(found: Findings) -> bool:
    """Tell whether what was sent again may have gone over somebody's newer value."""
    return found.wrote and found.others and found.attribute not in found.differs


def _lost(found: Findings) -> str:
    said = f"somebody's new {found.attribute} may have been overwritten"
    return f"{said} with the {found.value} that was read first"
