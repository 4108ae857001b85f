"""Tests of the desk: `pip install 'kustomer_orm[emulator]' pytest && pytest test_desk.py`."""

from __future__ import annotations

import html
import re

import pytest
from desk import create_app


@pytest.fixture
def visitor(kustomer_emulator):
    """A browser at a desk on the test's own Kustomer."""
    app = create_app(
        KUSTOMER_API_KEY=kustomer_emulator.api_key, KUSTOMER_BASE_URL=kustomer_emulator.url
    )
    return app.test_client()


def hidden_inputs(page):
    """Give what the form carries unseen: its token."""
    found = re.findall(r'type="hidden" name="([^"]*)" value="([^"]+)"', page.text)
    return {name: html.unescape(value) for name, value in found}


def test_a_conversation_is_listed(kustomer_emulator, visitor):
    kustomer_emulator.world.add("conversation", name="Broken mug")

    page = visitor.get("/")

    assert "Broken mug" in page.text
    assert len(kustomer_emulator.requests) <= 3


def test_one_field_is_one_field_sent(kustomer_emulator, visitor):
    id_ = kustomer_emulator.world.add("conversation", name="Hi", priority=2)
    page = visitor.get(f"/conversations/{id_}")

    visitor.post(f"/conversations/{id_}", data={**hidden_inputs(page), "name": "New"})

    assert kustomer_emulator.requests[-1].body == {"name": "New"}


def test_a_colleague_is_not_written_over(kustomer_emulator, visitor):
    id_ = kustomer_emulator.world.add("conversation", name="Hi")
    page = visitor.get(f"/conversations/{id_}")

    kustomer_emulator.world.edit("conversation", id_, name="theirs")
    answer = visitor.post(f"/conversations/{id_}", data={**hidden_inputs(page), "name": "mine"})

    assert answer.status_code == 409
    stored = kustomer_emulator.world.get("conversation", id_)["attributes"]
    assert stored["name"] == "theirs"
