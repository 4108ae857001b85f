"""One request below a record's own path: the verbs of a noun that are neither save nor delete."""

from __future__ import annotations

from kustomer_orm import jsonapi
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.errors import UnexpectedAnswerError
from kustomer_orm.jsonapi import is_resource
from kustomer_orm.records.caching import writing
from kustomer_orm.records.core import Core
from kustomer_orm.records.settling import resource_in
from kustomer_orm.transport import Request


def call(
    record: Core, method: str, below: str, body: JSON = None, *, repeatable: bool = False
) -> JSONObject | None:
    """Make one request below the record's path; give the resource of the answer, if it has one.

    Args:
        record: the record, which must be on the server.
        method: POST, PUT or DELETE.
        below: the rest of the path: "redactions", or "" for the record's own.
        body: what goes as JSON; nothing if not given.
        repeatable: whether doing it twice is the same as doing it once.
    """
    record._refuse_read_only()
    path = f"{record._url()}/{below}" if below else record._url()
    content = None if body is None else jsonapi.dumps(body)
    with writing(record):
        answer = record._bound().write(Request(method, path, content, repeatable=repeatable))
    return resource_in(answer)


def call_for_itself(
    record: Core, method: str, below: str, body: JSON = None, *, repeatable: bool = False
) -> None:
    """Make one request whose answer is the record itself; its edits are carried over.

    Raises:
        UnexpectedAnswerError: the answer is about something else. The request was carried out.
    """
    resource = call(record, method, below, body, repeatable=repeatable)
    if resource is None:
        path = f"{record._url()}/{below}"
        message = f"{method} {path}: the answer does not show {record._label()}; refresh() does"
        raise UnexpectedAnswerError(message, status=200, method=method, path=path)
    record._take(record._checked(resource, method, record._url()))


def included(record: Core, query: str) -> list[JSONObject]:
    """Read a record with what comes along with it; give that. One request.

    The published example shows an object where others show a list: both are taken.
    """
    document = record._bound().read(f"{record._url()}?{query}")
    found = document.get("included") or []
    return [each for each in (found if isinstance(found, list) else [found]) if is_resource(each)]
