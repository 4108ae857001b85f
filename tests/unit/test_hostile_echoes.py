"""A server that repeats what was sent, a little otherwise: no error of ours shows it."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, custom, errors
from kustomer_orm.emulator import Emulator, Fault

NAME = "  Jane <Dœ> & Son  "


class Ticket(Conversation):
    card = custom.Num()
    note = custom.Txt()


ECHOES = {
    "stripped": NAME.strip(),
    "lower case": NAME.lower(),
    "upper case": NAME.strip().upper(),
    "as JSON": json.dumps(NAME),
    "as HTML": html.escape(NAME),
    "twice": f"{NAME} {NAME.upper()}",
}


def refusal_of(server: Emulator, ticket: Ticket, words: str) -> str:
    body = {"errors": [{"status": 400, "code": words, "title": f"Not like {words!s}"}]}
    server.faults.add(Fault.status(400, body=body, method="PATCH"))
    with pytest.raises(errors.BadRequestError) as raised:
        ticket.save()
    return f"{raised.value} {raised.value.details}"


@pytest.fixture
def ticket(server: Emulator, client: Client) -> Ticket:
    return Ticket.get(server.world.add("conversation"))


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
def test_a_text_that_was_sent_is_not_repeated_in_any_spelling(
    server: Emulator, ticket: Ticket, echo: str
) -> None:
    ticket.name = NAME
    said = refusal_of(server, ticket, echo)
    assert "jane" not in said.lower()
    assert "Not like" in said


@pytest.mark.parametrize(
    ("number", "echo"),
    [
        (4111111111111111, "4111111111111111"),
        (-4111111111111111, "-4111111111111111"),
        (4111111111.25, "4111111111.25"),
    ],
)
def test_a_long_number_that_was_sent_is_not_repeated(
    server: Emulator, ticket: Ticket, number: float, echo: str
) -> None:
    ticket.card = number
    assert "4111" not in refusal_of(server, ticket, echo)


def test_a_short_number_is_repeated_since_it_says_what_is_wrong(
    server: Emulator, ticket: Ticket
) -> None:
    ticket.card = 12345
    assert "12345" in refusal_of(server, ticket, "12345")


def test_signs_of_a_pattern_in_a_text_are_only_text(server: Emulator, ticket: Ticket) -> None:
    values: Any = {"name": r"(.*)\d+[", "note": r"jane\1"}
    ticket.assign(**values)
    said = refusal_of(server, ticket, r"(.*)\d+[ and JANE\1")
    assert "jane" not in said.lower()
    assert "and" in said
