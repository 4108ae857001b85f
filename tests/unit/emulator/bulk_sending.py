"""Bulk requests are sent, and their jobs polled, in several files of tests."""

from collections.abc import Callable
from typing import Any

import requests

from kustomer_orm.emulator import Emulator

Send = Callable[..., requests.Response]


def job_of(answer: requests.Response) -> str:
    ident: str = answer.json()["data"]["id"]
    return ident


def finished(send: Send, job: str) -> dict[str, Any]:
    """Poll a job to its end; the attributes of its only batch."""
    for _ in range(10):
        if send("GET", f"bulk/{job}").json()["data"]["attributes"]["status"] == "complete":
            break
    (batch,) = send("GET", f"bulk/{job}/batches").json()["data"]
    attributes: dict[str, Any] = batch["attributes"]
    return attributes


def name_of(server: Emulator, ident: str) -> str:
    name: str = server.world.get("conversation", ident)["attributes"]["name"]
    return name


def named(idents: list[str], name: str = "New") -> list[dict[str, str]]:
    return [{"id": ident, "name": name} for ident in idents]


def problems(answer: requests.Response) -> list[str]:
    assert answer.status_code == 400
    return [error["title"] for error in answer.json()["errors"]]
