"""What a save must send: the model's differences as requests, in their order."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from oracle.fields import FIELDS, Field
from oracle.model import CannotSendError, Difference, Model
from oracle.values import moment_text

COLLECTION = "/v1/conversations"


@dataclass(frozen=True)
class Step:
    """One request of a save, and what it carries."""

    method: Literal["POST", "PATCH"]
    path: str
    body: Any
    differences: tuple[Difference, ...]

    def carried(self, model: Model) -> list[Difference]:
        """What the server was told: of tags that are added, those that are there already too."""
        if not isinstance(self.body, list):
            return list(self.differences)
        (each,) = self.differences
        base = model.base_of(each.field)
        if base == each.base or not isinstance(base, list):
            return [each]
        return [replace(each, value=[*base, *(tag for tag in self.body if tag not in base)])]


def steps_of(model: Model, only: Collection[str] | None = None) -> list[Step]:
    """The requests of a save: attributes, tags that are added in place, the customer alone.

    Raises:
        CannotSendError: a value that would go breaks a rule, or a new record lacks its customer.
    """
    differences = model.differences(only)
    if model.extent == "new":
        return [_creation(differences)]
    address = f"{COLLECTION}/{model.id}"
    moves = [each for each in differences if each.field.name == "customer"]
    added = [each for each in differences if only_adds(model, each)]
    rest = [each for each in differences if each not in moves and each not in added]
    steps = [Step("PATCH", address, _body(rest), tuple(rest))] if rest else []
    for each in added:
        base = model.base_of(each.field)
        known = base if isinstance(base, list) else []
        names = [tag for tag in each.value if tag not in known]
        steps.append(Step("POST", f"{address}/tags", names, (each,)))
    return steps + [Step("PATCH", address, _body([each]), (each,)) for each in moves]


def only_adds(model: Model, each: Difference) -> bool:
    """Whether tags were added in place and none was removed."""
    base = model.base_of(each.field)
    if each.field.name != "tags" or each.assigned or each.touched or isinstance(base, dict):
        return False
    known = base if isinstance(base, list) else []
    doubtful = each.doubt if isinstance(each.doubt, list) else []
    more = len(each.value) > len(known)
    return more and all(tag in each.value for tag in [*known, *doubtful])


def look_up_of(model: Model) -> str | None:
    """Where a new record is found when nobody knows whether it was made: by what was sent then."""
    here = model.local.get("external_id")
    if here is None or not isinstance(here.doubt, str):
        return None
    return f"{COLLECTION}/externalId={quote(here.doubt, safe='')}"


def _creation(differences: list[Difference]) -> Step:
    if not any(each.field is FIELDS["customer"] for each in differences):
        raise CannotSendError("customer")
    return Step("POST", COLLECTION, _body(differences), tuple(differences))


def _body(differences: Iterable[Difference]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for each in differences:
        one, wire = each.field, _outgoing(each.field, each.wire)
        if one.place == "custom":
            body.setdefault("custom", {})[one.key] = wire
        elif one.name == "queue":
            body["queue"] = {"id": wire}
        else:
            body[one.key] = wire
    return body


def _outgoing(one: Field, wire: Any) -> Any:
    """The value as it is sent: of an object the members only, and moments in one spelling."""
    if one.kind == "object" and isinstance(wire, dict):
        kinds = dict(one.members)
        return {key: _spelled(kinds[key], item) for key, item in wire.items() if key in kinds}
    return _spelled(one.kind, wire)


def _spelled(kind: str, wire: Any) -> Any:
    spelled_otherwise = kind == "moment" and isinstance(wire, str)
    return moment_text(datetime.fromisoformat(wire)) if spelled_otherwise else wire
