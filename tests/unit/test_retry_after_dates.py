"""A date in `Retry-After` that no clock can hold says nothing, and breaks nothing."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation
from kustomer_orm.emulator import Emulator, Fault


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 01 Jan 99999999999 00:00:00 GMT",
        "Fri, 99999999999 Jan 2026 00:00:00 GMT",
        "Fri, 01 Jan 2026 99999999999:00:00 GMT",
        "Fri, 31 Feb 2026 00:00:00 GMT",
        "9" * 400,
    ],
)
def test_a_date_that_overflows_is_no_date(
    server: Emulator, client: Client, fake_time: Any, date: str
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    server.faults.add(Fault.status(503, headers={"Retry-After": date}))
    assert Conversation.get(id_).name == "Hi"
    assert fake_time.slept == [0.25]
