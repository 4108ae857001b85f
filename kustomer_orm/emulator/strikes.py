"""What a fault does to a request that it strikes."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from werkzeug.datastructures import Headers

from kustomer_orm.emulator.answers import Answer, RefusedError, etag
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.faults import Fault
from kustomer_orm.emulator.store import mask_path
from kustomer_orm.emulator.wire import Reply

LONGEST_STALL = 30.0
_SLICE = 0.02

HTML = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n"

Struck = Mapping[str, Fault]


class Strikes:
    """Carries out the faults of one request, in the order of its life."""

    def __init__(self, *, behaviour: Behaviour, stopping: threading.Event) -> None:
        self._behaviour = behaviour
        self._stopping = stopping

    def before(self, struck: Struck, exchange: Exchange) -> None:
        """What happens between the arrival and the act."""
        if "stall_before" in struck:
            self._stall(struck["stall_before"].options["event"])
        if "before" in struck:
            struck["before"].options["action"](exchange)

    def instead(self, struck: Struck) -> Answer | None:
        """The answer of a fault that keeps the server from acting."""
        fault = struck.get("ending")
        if fault is None:
            return None
        options = fault.options
        match fault.kind:
            case "cut_before":
                return Answer(503)
            case "status":
                return self._status(options["status"], options["body"], options["headers"])
            case "redirect":
                return Answer(options["status"], headers=Headers({"Location": options["location"]}))
            case "html" if not options["acts"]:
                return _html(options["status"])
        return None

    def after(self, struck: Struck, exchange: Exchange) -> None:
        """What happens between the act and the answer."""
        if "after" in struck:
            struck["after"].options["action"](exchange)
        if "stall" in struck:
            self._stall(struck["stall"].options["event"])

    def change(self, struck: Struck, answer: Answer) -> Reply:
        """The reply after every fault that changes it."""
        if answer.document is not None:
            answer.document = _changed_document(struck, answer.document)
        if "headers" in struck:
            for name, value in struck["headers"].options["headers"].items():
                answer.headers[name] = value
        if "cookie" in struck:
            answer.headers.add("Set-Cookie", struck["cookie"].options["cookie"])
        ending = struck.get("ending")
        return _reply(answer) if ending is None else _ended(ending, answer)

    def _status(self, status: int, body: Any, headers: Mapping[str, str]) -> Answer:
        if body is None:
            return RefusedError(status, headers=headers).answer(self._behaviour)
        if isinstance(body, str | bytes):
            raw = body.encode() if isinstance(body, str) else body
            content_type = "text/plain; charset=utf-8"
            return Answer(status, raw=raw, headers=Headers(headers), content_type=content_type)
        return Answer(status, body, headers=Headers(headers))

    def _stall(self, event: threading.Event) -> None:
        left = LONGEST_STALL
        # In slices, so that stopping the emulator does not wait for the event.
        while left > 0 and not self._stopping.is_set() and not event.wait(_SLICE):
            left -= _SLICE


def _changed_document(struck: Struck, document: Any) -> Any:
    for resource in _resources(document):
        attributes = resource["attributes"]
        if "partial" in struck:
            keys = struck["partial"].options["keys"]
            resource["attributes"] = attributes = {
                name: value for name, value in attributes.items() if name in keys
            }
        if "masked" in struck:
            for path in struck["masked"].options["keys"]:
                mask_path(attributes, path)
    if "answer" in struck:
        document = struck["answer"].options["change"](document)
    return document


def _resources(document: Any) -> list[dict[str, Any]]:
    found = document.get("data") if isinstance(document, dict) else None
    listed = found if isinstance(found, list) else [found]
    return [each for each in listed if isinstance(each, dict) and "attributes" in each]


def _html(status: int) -> Answer:
    raw = HTML.format(f"Error {status}" if status >= 400 else "Please sign in").encode()
    return Answer(status, raw=raw, content_type="text/html; charset=utf-8")


def _reply(answer: Answer) -> Reply:
    headers = Headers(answer.headers)
    body = answer.encoded()
    if body:
        headers.setdefault("Content-Type", answer.content_type)
    if answer.document is not None:
        headers.setdefault("Etag", etag(body))
    return Reply(answer.status, headers, body)


def _ended(fault: Fault, answer: Answer) -> Reply:
    reply = _reply(answer)
    match fault.kind:
        case "cut_before" | "cut_after":
            return replace(reply, cut="whole")
        case "cut_inside":
            return replace(reply, cut="inside")
        case "truncated_json":
            return replace(reply, body=reply.body[: len(reply.body) // 2])
        case "empty":
            status = fault.options["status"] or reply.status
            return replace(reply, status=status, body=b"")
        case "html" if fault.options["acts"]:
            return _reply(_html(fault.options["status"]))
    return reply
