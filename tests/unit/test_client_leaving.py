"""Two blocks of clients that end in another order than they began, as generators do."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Iterator

import pytest

from kustomer_orm import Client, Conversation, current_client, errors


@pytest.fixture(autouse=True)
def no_process_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kustomer_orm.current._process", [])


def made(org: str) -> Client:
    return Client("a-key", org=org)


def within(client: Client) -> Iterator[Client]:
    with client:
        yield client
        yield client


def test_the_client_of_a_generator_that_ends_first_is_the_one_that_leaves() -> None:
    acme, globex = made("acme"), made("globex")
    first, second = within(acme), within(globex)
    next(first)
    next(second)

    assert list(first) == [acme]  # ends its block, which is not the innermost

    assert current_client() is globex
    assert list(second) == [globex]
    with pytest.raises(errors.NoClientError):
        current_client()


def test_a_client_that_was_entered_twice_leaves_once_for_each() -> None:
    acme, globex = made("acme"), made("globex")
    outer, middle, inner = within(acme), within(globex), within(acme)
    for each in (outer, middle, inner):
        next(each)
    list(outer)
    assert current_client() is globex
    list(inner)
    assert current_client() is globex
    list(middle)
    with pytest.raises(errors.NoClientError):
        current_client()


def test_leaving_a_block_that_this_context_never_entered_changes_nothing() -> None:
    acme, globex = made("acme"), made("globex")
    with acme:
        globex.__exit__(None, None, None)
        assert current_client() is acme


def test_a_travelled_record_finds_the_client_that_still_lives() -> None:
    older, newer = made("acme"), made("acme")
    travelled = pickle.dumps(Conversation.using(older).new(name="a"))

    del newer
    gc.collect()

    record = pickle.loads(travelled)
    assert record._bound() is older


def test_of_two_clients_of_one_name_the_newer_is_found() -> None:
    older = made("acme")
    travelled = pickle.dumps(Conversation.using(older).new(name="a"))
    newer = made("acme")

    assert pickle.loads(travelled)._bound() is newer
