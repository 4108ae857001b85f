"""The items of a bulk request: which it may hold, and which request each is carried out as."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from werkzeug.datastructures import Headers

from kustomer_orm.emulator import rules
from kustomer_orm.emulator.answers import Problem
from kustomer_orm.emulator.exchange import Exchange

MAX_ITEMS = 100
MAX_CLIENT_REF = 255
CLIENT_REF = "_clientRef"

_CLOSED = rules.TITLES["additionalProperties"]
_MISSING = rules.TITLES["required"]


@dataclass(frozen=True)
class Table:
    """One row of `data/bulk.json`: the bulk requests of one kind of record.

    `path` is the collection's path below `/v1/`, with the klass of custom objects filled in.
    """

    kind: str
    path: str
    rows: Mapping[str, Any]

    @property
    def resource(self) -> str:
        """The type of the records, `kobject.order` for those of a klass."""
        klass = self.path.removeprefix("klasses/")
        return f"kobject.{klass}" if self.kind == "kobject" else self.kind

    @property
    def noun(self) -> str:
        """How the context of a job calls the kind."""
        return "kobjects" if self.kind == "kobject" else self.path

    def takes(self, method: str) -> bool:
        """Whether there is such a bulk request."""
        return method in {"POST", "PUT"} or (method == "DELETE" and bool(self.rows.get("deletes")))

    def status(self, method: str) -> int:
        """The status that the contract prints."""
        status: int = self.rows.get("statuses", {}).get(method, 201)
        return status

    def request_of(self, method: str, item: Mapping[str, Any]) -> Exchange:
        """The single request that an item is carried out as."""
        body = {name: value for name, value in item.items() if name != CLIENT_REF}
        path = f"{self.path}/{quote(str(item.get('id')), safe='')}"
        if method == "POST":
            body = {**self.rows.get("fills", {}), **body}
            path = self.rows.get("creates", self.path).format_map(body)
        else:
            del body["id"]
        return Exchange(
            self.rows.get("updates", method) if method == "PUT" else method,
            f"/v1/{path}",
            headers=Headers({"Content-Type": "application/json"}),
            raw=b"" if method == "DELETE" else json.dumps(body).encode(),
        )


def table_of(segments: list[str]) -> Table | None:
    """The row that a path below `/v1/` speaks of, None when it is no bulk request."""
    if segments[-1:] != ["bulk"]:
        return None
    path = "/".join(segments[:-1])
    for kind, row in rules.data("bulk").items():
        if kind == "about":
            continue
        pattern = row["path"].format(name=segments[1]) if len(segments) > 1 else row["path"]
        if pattern == path:
            return Table(kind, path, row)
    return None


def problems(
    table: Table, method: str, items: list[Any], *, text_lists: bool, client_refs: bool
) -> list[Problem]:
    """Everything that is wrong with a body of several items, in their order."""
    found: list[Problem] = []
    if len(items) > MAX_ITEMS:
        title = rules.TITLES["maxItems"].format(count=len(items), limit=MAX_ITEMS)
        return [Problem(title, detail="/maxItems")]
    for place, item in enumerate(items):
        if not isinstance(item, dict):
            found.append(Problem("Invalid type (expected object)", None, f"/{place}"))
            continue
        wrong = _problems_of(table, method, item, text_lists=text_lists)
        found += [_at(place, problem) for problem in wrong]
    return found + (_client_ref_problems(items) if client_refs else _refused(items))


def problems_of_one(
    table: Table, method: str, values: Mapping[str, Any], *, text_lists: bool
) -> list[Problem]:
    """What is wrong with the values that several records are to get."""
    found = _problems_of(table, method, {"id": "of the query", **values}, text_lists=text_lists)
    if "id" in values:
        found.append(Problem(_CLOSED, "id", "/id", "/additionalProperties"))
    if CLIENT_REF in values:
        found.append(Problem(_CLOSED, CLIENT_REF, f"/{CLIENT_REF}", "/additionalProperties"))
    return found


def _problems_of(
    table: Table, method: str, item: Mapping[str, Any], *, text_lists: bool
) -> list[Problem]:
    found = [*_missing(table, method, item), *_too_much(table, method, item)]
    body = {name: value for name, value in item.items() if name != CLIENT_REF}
    if method == "PUT":
        if "id" in body and not isinstance(body.pop("id"), str):
            found.append(Problem("Invalid type (expected string)", "id", "/id", "/id/type"))
        return found + rules.problems(table.kind, "update", body, text_lists=text_lists)
    body = {**table.rows.get("fills", {}), **body}
    return found + rules.problems(table.kind, "create", body, text_lists=text_lists)


def _missing(table: Table, method: str, item: Mapping[str, Any]) -> Iterator[Problem]:
    for name in ["id"] if method == "PUT" else table.rows.get("requires", ()):
        if name not in item:
            yield Problem(_MISSING, name, f"/{name}", "/required")


def _too_much(table: Table, method: str, item: Mapping[str, Any]) -> Iterator[Problem]:
    for name in table.rows.get("update_without", ()) if method == "PUT" else ():
        if name in item:
            yield Problem(_CLOSED, name, f"/{name}", "/additionalProperties")


def _client_ref_problems(items: list[Any]) -> list[Problem]:
    """What is wrong with the items' own marks: all or none, texts, each once (documented)."""
    marks = [item[CLIENT_REF] for item in items if isinstance(item, dict) and CLIENT_REF in item]
    if not marks:
        return []
    if len(marks) < len(items):
        return [_mark("All items or none must have a _clientRef")]
    if not all(isinstance(mark, str) and 0 < len(mark) <= MAX_CLIENT_REF for mark in marks):
        return [_mark(f"A _clientRef is a text of 1 to {MAX_CLIENT_REF} characters")]
    if len(set(marks)) < len(marks):
        return [_mark("Each _clientRef must be unique in the request")]
    return []


def _refused(items: list[Any]) -> list[Problem]:
    """The published schema has no marks and is closed."""
    return [
        _at(place, Problem(_CLOSED, CLIENT_REF, f"/{CLIENT_REF}", "/additionalProperties"))
        for place, item in enumerate(items)
        if isinstance(item, dict) and CLIENT_REF in item
    ]


def _mark(title: str) -> Problem:
    return Problem(title, CLIENT_REF, f"/{CLIENT_REF}")


def _at(place: int, problem: Problem) -> Problem:
    """The problem of one item, told of the whole body."""
    pointer = f"/{place}{problem.pointer or ''}".rstrip("/")
    return replace(problem, pointer=pointer, detail=f"/items{problem.detail or ''}")
