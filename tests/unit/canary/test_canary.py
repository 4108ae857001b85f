"""A token and a customer's text, planted in the data, come out where nobody asked for them.

The text may stand where it was asked for: in a value that was read, in `changes`, in `raw`, in the
body of a planned request, in a pickle or a snapshot of the record. The token may stand nowhere.
"""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from kustomer_orm import Client, Customer
from kustomer_orm.errors import InvalidValueError, KustomerError
from tests.unit.canary.canary_world import (
    MAIL,
    TEXT,
    UNKNOWN_ID,
    Lines,
    Planted,
    World,
    assert_no_token,
    assert_silent,
)

# -- what can be shown -----------------------------------------------------------------------------


def test_no_public_object_shows_a_canary_by_being_printed(
    world: World, no_log_line_shows_a_canary: Lines
) -> None:
    record = world.record()
    read = (record.name, record.note, record.tags, record.custom["undeclaredStr"], record.customer)
    record.name = f"{TEXT} again"
    record.tags.append(f"{TEXT} three")
    record.custom["otherTxt"] = TEXT
    plan = record.plan()
    result = record.save()
    twin = copy.deepcopy(record)
    person = Customer.get(world.customer)

    assert read[0] == TEXT
    assert result.sent["name"] == f"{TEXT} again"
    assert_silent(world, record, twin, person, record.customer, record.custom, plan, *plan.requests)
    assert_silent(world, result, result.requests, Planted.using(world.client), Planted.name)
    assert_silent(world, world.client, world.client.config, world.client.config.api_key)
    assert_silent(world, *vars(world.client).values(), record._state, record._extra)
    assert len(no_log_line_shows_a_canary.lines) >= 4


def test_every_verb_is_silent(world: World) -> None:
    record = world.record()
    record.assign(name=f"{TEXT} 2", note=None)
    record.restore("note")
    record.touch("status")
    record.save(only=["name"])
    record.save()
    record.refresh()
    record.delete()
    made = Planted.create(customer=world.customer, name=TEXT, external_id=f"{TEXT}-2", tags=[TEXT])
    made.refresh("discard")
    found = Planted.get_by(external_id=f"{TEXT}-2")
    people = [Customer.get_by(email=MAIL), Customer.get_by(external_id=TEXT)]
    several = Planted.get_many([str(made.id), UNKNOWN_ID])

    assert found == made
    assert several == [made]
    assert_silent(world, record, made, found, several, people, made.to_dict, made.schema)


def test_a_save_that_others_interfered_with_names_attributes_and_no_values(
    world: World, no_log_line_shows_a_canary: Lines
) -> None:
    record = world.record()
    world.server.world.edit("conversation", world.id, name=f"{TEXT} theirs", defaultLang=TEXT)
    record.name = f"{TEXT} mine"
    result = record.save()

    assert result.others_wrote
    assert_silent(world, result)
    assert any("others wrote" in line for _, line in no_log_line_shows_a_canary.lines)


def test_a_masked_value_does_not_show_its_presentation(world: World) -> None:
    shown = {"isMasked": True, "maskedPresentation": f"{TEXT}***"}
    world.server.world.put_raw("conversation", world.id, name=shown)
    record = world.record()

    assert_silent(world, record.name, record)


def test_pickles_and_snapshots_hold_the_data_and_never_the_token(world: World) -> None:
    record = world.record()
    record.name = f"{TEXT} again"
    packed = pickle.dumps([record, record.customer])
    snapshot = json.dumps(record.snapshot())

    assert TEXT.encode() in packed
    assert TEXT in snapshot
    assert_no_token(world.server, packed.decode("latin-1"))
    assert_no_token(world.server, snapshot)


def test_a_client_is_not_pickled(world: World) -> None:
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(world.client)


def test_the_key_is_not_pickled_and_not_printed(world: World) -> None:
    key = world.client.config.api_key

    assert_silent(world, key, [key], {"key": key})
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(key)
    with pytest.raises(TypeError, match="not pickled"):
        copy.copy(key)


def test_settings_that_are_refused_are_not_repeated() -> None:
    refused: tuple[dict[str, Any], ...] = (
        {"api_key": f"Bearer {TEXT}"},
        {"api_key": f"{TEXT}\n"},
        {"api_key": "k", "base_url": f"https://user:{TEXT}@example.com"},
        {"api_key": "k", "base_url": f"https://example.com/{TEXT}"},
        {"api_key": "k", "base_url": f"https://[{TEXT}"},
        {"api_key": "k", "base_url": f"https://example.com:{TEXT}"},
        {"api_key": "k", "org": f"{TEXT}/x"},
        {"api_key": "k", "org": "demo", "conflict": TEXT},
        {"api_key": "k", "org": "demo", "timeout": TEXT},
        {"api_key": "k", "org": "demo", "retry": TEXT},
    )
    for settings in refused:
        with pytest.raises(KustomerError) as caught:
            Client(**settings)
        assert TEXT not in f"{caught.value!s}{caught.value!r}"
        assert caught.value.__cause__ is caught.value.__context__ is None


@pytest.mark.parametrize(
    "variable", ["KUSTOMER_TIMEOUT", "KUSTOMER_RETRY", "KUSTOMER_STRICT_LOADING"]
)
def test_a_variable_that_is_refused_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, TEXT)
    with pytest.raises(KustomerError, match=variable) as caught:
        Client("k", org="demo")

    assert TEXT not in f"{caught.value!s}{caught.value!r}"
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_this_test_would_notice(world: World) -> None:
    leaking = InvalidValueError(f"got {TEXT}")

    with pytest.raises(AssertionError):
        assert_silent(world, leaking)
    with pytest.raises(AssertionError):
        assert_silent(world, f"Bearer {world.server.api_key}")
