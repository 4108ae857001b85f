"""`kustomer-orm demo`: what it prints, what crossed the wire, and that it checks itself."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from kustomer_orm.cli import demo
from kustomer_orm.cli.failing import CommandError
from kustomer_orm.emulator import Emulator, Fault

PATH = "/v1/conversations/58228e05d4e96711004eccb7"
COLOUR = re.compile(r"\x1b\[[0-9;]*\b3[0-7]")


def play(server: Emulator) -> str:
    """Play the demo as into a pipe; what it prints."""
    console = Console(file=io.StringIO(), width=80, highlight=False)
    demo.play(console, server)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_demo_sends_what_was_changed_and_nothing_else(seeded: Emulator) -> None:
    play(seeded)
    sent = [(each.method, each.path, each.body) for each in seeded.requests]
    assert sent == [
        ("GET", PATH, None),
        (
            "PATCH",
            PATH,
            {
                "name": "Refund for order 1234",
                "status": "done",
                "custom": {
                    "refundAmountNum": 12.5,
                    "dueAt": "2026-12-04T17:00:00.000Z",
                    "vipBool": False,
                    "reasonTree": None,
                },
            },
        ),
        ("POST", f"{PATH}/tags", ["refund"]),
        ("PATCH", PATH, {"priority": 1}),
    ]


def test_each_request_is_printed_with_its_body_and_answer(seeded: Emulator) -> None:
    lines = [line.strip() for line in play(seeded).splitlines()]
    for exchange in seeded.requests:
        assert f"{exchange.method} {exchange.path}" in lines
    assert lines.count("answered 200") == len(seeded.requests) == 4
    assert '"refundAmountNum": 12.5,' in lines
    assert '["refund"]' in lines
    assert '{"priority": 1}' in lines
    assert lines.count("no request") == 4
    assert "7 steps, 4 requests (1 GET, 2 PATCH, 1 POST)" in " ".join(lines)


def test_the_code_that_ran_and_the_values_before_and_after_are_printed(seeded: Emulator) -> None:
    words = " ".join(play(seeded).split())
    assert '>>> conversation.tags.append("refund")' in words
    assert ">>> result = conversation.save()" in words
    assert "return" not in words
    assert "refund 9.5 12.5" in words
    assert "name Hi Refund for order 1234" in words
    assert "name Refund for order 1234 Broken mug" in words  # the colleague's, found afterwards


def test_the_key_is_not_printed(seeded: Emulator) -> None:
    assert seeded.api_key not in play(seeded)


def test_a_save_that_lacks_a_change_ends_the_demo(seeded: Emulator) -> None:
    def renamed(document: dict[str, Any]) -> dict[str, Any]:
        document["data"]["attributes"]["name"] = "Refund for order 1234"
        return document

    seeded.faults.add(Fault.answer(renamed, method="GET"))
    with pytest.raises(CommandError, match="step 4: what crossed the wire is not as promised") as e:
        play(seeded)
    assert e.value.exit_code == 1


def test_a_colleague_whose_value_is_lost_ends_the_demo(seeded: Emulator) -> None:
    def overwrite(_: Any) -> None:
        seeded.world.put_raw("conversation", PATH.rsplit("/", 1)[1], name="lost")

    seeded.faults.add(Fault.after(overwrite, method="PATCH", skip=1))
    with pytest.raises(CommandError, match="step 7: what is stored is not as promised"):
        play(seeded)


def test_the_command_ends_well_in_80_columns_of_plain_text(spawn: Callable[..., Any]) -> None:
    done = spawn("-m", "kustomer_orm.cli", "demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert "7 steps, 4 requests" in done.stdout
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(("no_color", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_colours_unless_told_otherwise(
    spawn: Callable[..., Any], no_color: dict[str, str], *, coloured: bool
) -> None:
    done = spawn("-m", "kustomer_orm.cli", "demo", FORCE_COLOR="1", TERM="xterm", **no_color)
    assert done.returncode == 0
    assert bool(COLOUR.search(done.stdout)) is coloured


@pytest.mark.parametrize(
    "environ",
    [
        {"KUSTOMER_CONFLICT": "none"},
        {"KUSTOMER_TIMEOUT": "soon", "KUSTOMER_RETRY": "often"},
        {"KUSTOMER_BASE_URL": "https://example.com", "KUSTOMER_API_KEY": "mine"},
        {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""},
        {"PYTHONIOENCODING": "ascii"},
    ],
)
def test_the_demo_is_the_same_in_any_environment(
    spawn: Callable[..., Any], environ: dict[str, str]
) -> None:
    done = spawn("-m", "kustomer_orm.cli", "demo", **environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert "7 steps, 4 requests" in done.stdout
