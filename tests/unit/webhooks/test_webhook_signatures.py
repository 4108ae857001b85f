"""Forged, altered, oversized and wrongly keyed deliveries are refused; keys stay secret."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from kustomer_orm import Client, errors
from kustomer_orm.emulator import Emulator
from kustomer_orm.webhooks import SIGNATURE_HEADER, Receiver, parse, sign, verify
from tests.unit.webhooks.conftest import Inbox

KEY = "7d4e1b0c5a39f8e2"
BODY = b'{"name": "kustomer.tag.create", "data": {"type": "tag", "id": "5f1", "attributes": {}}}'


def refusal(*args: Any, **options: Any) -> errors.WebhookError:
    with pytest.raises(errors.WebhookError) as caught:
        verify(*args, **options)
    return caught.value


def test_what_the_emulator_signs_is_taken(server: Emulator, inbox: Inbox) -> None:
    post = inbox.edit(server.world.add("conversation"), name="Ho")

    verify(post.body, post.headers[SIGNATURE_HEADER], inbox.token)


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        " ",
        "0" * 64,
        "0" * 63,
        "g" * 64,
        sign(BODY, KEY).upper(),
        f"sha256={sign(BODY, KEY)}",
        f" {sign(BODY, KEY)}",
        f"{sign(BODY, KEY)}\n",
        f"{sign(BODY, KEY)},{sign(BODY, KEY)}",
        "é" * 64,
        "\ud800" * 64,
        "٣" * 64,
        "\x00" * 64,
        sign(BODY, "another key"),
        sign(BODY + b" ", KEY),
        5,
        b"0" * 64,
        ["0" * 64],
    ],
)
def test_any_other_signature_is_forged(signature: Any) -> None:
    assert refusal(BODY, signature, KEY).status == 403


@pytest.mark.parametrize("place", range(0, len(BODY), 9))
def test_a_changed_byte_is_noticed(place: int) -> None:
    altered = bytearray(BODY)
    altered[place] ^= 1

    assert refusal(bytes(altered), sign(BODY, KEY), KEY).status == 403


def test_a_body_that_was_cut_short_is_forged() -> None:
    assert refusal(BODY[:-1], sign(BODY, KEY), KEY).status == 403
    assert refusal(b"", sign(BODY, KEY), KEY).status == 403


def test_a_large_body_is_refused_before_anything_is_computed() -> None:
    large = BODY + b" " * 100

    refused = refusal(large, sign(large, KEY), KEY, max_size=len(BODY))
    assert refused.status == 413
    assert refusal(large, None, KEY, max_size=len(BODY)).status == 413
    verify(large, sign(large, KEY), KEY, max_size=len(large))


def test_while_a_key_is_changed_both_are_taken() -> None:
    new, old = "new key", "old key"

    for key in (new, old):
        verify(BODY, sign(BODY, key), [new, old])
        verify(BODY, sign(BODY, key), iter((new, old)))
    assert refusal(BODY, sign(BODY, old), [new]).status == 403


@pytest.mark.parametrize("key", ["", " ", [], (), ["good", ""], ["good", None], [b"bytes"], [5]])
def test_no_key_at_all_is_an_error_of_the_settings(key: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match="token"):
        verify(BODY, sign(BODY, ""), key)
    with pytest.raises(errors.ConfigurationError, match="token"):
        Receiver(Client("a-key", org="acme"), key)


@pytest.mark.parametrize("body", [BODY.decode(), {"a": 1}, None])
def test_a_body_that_is_no_bytes_is_an_error_of_the_program(body: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match="raw bytes"):
        verify(body, sign(BODY, KEY), KEY)
    with pytest.raises(errors.ConfigurationError, match="raw bytes"):
        parse(body)


# -- the key is in nothing that anybody reads ----------------------------------------------------


def everything_shown(error: BaseException) -> str:
    """What an error page shows: the message, and the local variables of our functions."""
    words = ["".join(traceback.format_exception(error)), repr(error), str(error.args)]
    frame = error.__traceback__
    while frame is not None:
        if "kustomer_orm" in frame.tb_frame.f_code.co_filename.replace("tests", ""):
            local = frame.tb_frame.f_locals.items()
            words += [f"{name}={value!r}" for name, value in local]
        frame = frame.tb_next
    return "\n".join(line for line in words if "test_webhook_signatures" not in line)


def test_no_error_shows_a_key_not_even_in_the_local_variables() -> None:
    receiver = Receiver(Client("a-key", org="acme"), ["other", KEY])
    calls: list[Callable[[], object]] = [
        lambda: verify(BODY, "0" * 64, KEY),
        lambda: verify(BODY, None, [KEY]),
        lambda: verify(BODY, None, KEY, max_size=1),
        lambda: verify(BODY, None, [KEY, ""]),
        lambda: receiver.receive(BODY, {SIGNATURE_HEADER: "0" * 64}),
        lambda: receiver.receive(b"[" * 9, {SIGNATURE_HEADER: sign(b"[" * 9, KEY)}),
    ]
    for call in calls:
        with pytest.raises(errors.KustomerError) as caught:
            call()
        assert KEY not in everything_shown(caught.value)


def test_a_receiver_shows_no_key_and_is_not_pickled(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    receiver = Receiver(Client("a-key", org="acme", name="acme"), KEY)
    headers = {SIGNATURE_HEADER: sign(BODY, KEY)}

    assert receiver.receive(BODY, headers) is not None
    assert receiver.receive(BODY, headers) is None

    shown = repr(receiver) + repr(vars(receiver)) + caplog.text
    assert KEY not in shown
    for travel in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            travel(receiver)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(vars(receiver)["_keys"])


# -- headers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [SIGNATURE_HEADER, SIGNATURE_HEADER.lower(), SIGNATURE_HEADER.upper()],
)
def test_the_case_of_the_header_does_not_matter(name: str) -> None:
    receiver = Receiver(Client("a-key", org="acme"), KEY)

    assert receiver.receive(BODY, {"Host": "x", name: sign(BODY, KEY)}) is not None


def test_two_signatures_are_none() -> None:
    receiver = Receiver(Client("a-key", org="acme"), KEY)
    headers = {SIGNATURE_HEADER: sign(BODY, KEY), SIGNATURE_HEADER.lower(): "0" * 64}

    with pytest.raises(errors.WebhookError) as refused:
        receiver.receive(BODY, headers)
    assert refused.value.status == 403
