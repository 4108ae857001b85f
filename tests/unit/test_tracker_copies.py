"""Copies, pickles and snapshots: as dirty as the original, and apart from it (25, 45, 86)."""

from __future__ import annotations

import collections
import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, custom
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import OutcomeUnknownError

pytestmark = pytest.mark.usefixtures("client")


class TravellingConversation(Conversation):
    """Of the module, so that pickle finds it."""

    order_number = custom.Str()
    watchers = custom.Id("user", "watchersId", many=True)


class Labels(list[str]):
    """A list of somebody's own class."""


Copier = Callable[[TravellingConversation], TravellingConversation]


def by_pickle(found: TravellingConversation) -> TravellingConversation:
    twin: TravellingConversation = pickle.loads(pickle.dumps(found))
    return twin


def by_snapshot(found: TravellingConversation) -> TravellingConversation:
    return TravellingConversation.from_snapshot(json.loads(json.dumps(found.snapshot())))


WAYS: dict[str, Copier] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": by_pickle,
    "snapshot": by_snapshot,
}


@pytest.fixture(params=WAYS)
def travel(request: pytest.FixtureRequest) -> Copier:
    return WAYS[request.param]


def conversation_of(server: Emulator, **values: Any) -> TravellingConversation:
    id_ = server.world.add("conversation", **values)
    found = TravellingConversation.get(id_)
    server.requests.clear()
    return found


def bodies(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests]


def test_a_copy_of_a_dirty_record_is_as_dirty_and_of_its_class(
    server: Emulator, travel: Copier
) -> None:
    """Pitfall 25."""
    user = server.world.add("user")
    found = conversation_of(
        server, name="a", tags=["t"], custom={"orderNumberStr": "1", "gone_Str": "x", "xNum": 1}
    )
    found.name, found.order_number, found.custom["xNum"] = "b", None, 2
    found.tags.append("u")
    found.watchers.append(user)
    del found.custom["gone_Str"]
    found.touch("priority")

    twin = travel(found)

    assert type(twin) is TravellingConversation
    assert (twin, twin.rev) == (found, found.rev)
    assert twin.plan() == found.plan()
    assert list(twin.changes) == list(found.changes)
    assert twin.original("name") == "a"
    twin.save()
    custom_sent = {"orderNumberStr": None, "xNum": 2, "watchersId": [user], "gone_Str": None}
    assert bodies(server) == [{"name": "b", "custom": custom_sent, "priority": 3}, ["u"]]
    assert (twin.is_dirty, found.is_dirty) == (False, True)


def test_a_copy_of_a_clean_record_is_clean(server: Emulator, travel: Copier) -> None:
    """Pitfall 45."""
    found = conversation_of(
        server, name="a", tags=["t"], sentiment={"polarity": 1, "confidence": 0}
    )
    assert found.tags
    assert found.sentiment

    twin = travel(found)

    assert not twin.changes
    assert not twin.save()
    assert server.requests == []


def test_editing_a_copy_leaves_the_original_alone(server: Emulator, travel: Copier) -> None:
    """Pitfalls 25 and 86."""
    found = conversation_of(server, suggestedTags=[{"tag": "a", "confidence": 0}], tags=["t"])
    assert found.suggested_tags
    found.tags.append("u")

    twin = travel(found)
    twin.suggested_tags[0]["confidence"] = 1
    twin.tags.append("v")
    twin.name = "b"

    assert found.suggested_tags == [{"tag": "a", "confidence": 0}]
    assert list(found.changes) == ["tags"]
    assert found.plan().requests[0].body == ["u"]


def test_editing_the_original_leaves_a_copy_alone(server: Emulator, travel: Copier) -> None:
    """Pitfalls 25 and 86."""
    found = conversation_of(server, suggestedTags=[{"tag": "a", "confidence": 0}], tags=["t"])
    assert found.suggested_tags

    twin = travel(found)
    found.suggested_tags[0]["confidence"] = 1
    found.tags.append("v")

    assert twin.suggested_tags == [{"tag": "a", "confidence": 0}]
    assert not twin.save()
    assert server.requests == []


@pytest.mark.parametrize("way", ["copy", "deepcopy", "pickle"])
def test_containers_of_a_class_of_their_own_are_copied_too(server: Emulator, way: str) -> None:
    """Pitfalls 25 and 86."""
    found = conversation_of(server)
    found.tags = Labels(["a"])
    found.sentiment = collections.OrderedDict(polarity=1, confidence=0)

    twin = WAYS[way](found)
    assert twin.sentiment is not None
    twin.sentiment["polarity"] = -1
    twin.tags.append("b")

    assert found.sentiment == {"polarity": 1, "confidence": 0}
    assert found.tags == ["a"]
    assert found.plan().requests[0].body["sentiment"] == {"polarity": 1, "confidence": 0}
    assert twin.plan().requests[0].body["sentiment"] == {"polarity": -1, "confidence": 0}


def test_a_copy_of_a_new_record_creates_its_own(server: Emulator, travel: Copier) -> None:
    """Pitfall 25."""
    found = TravellingConversation(customer=server.world.add("customer"), name="a", tags=["t"])

    twin = travel(found)
    twin.save()

    assert (found.id, found.is_dirty) == (None, True)
    assert twin.id is not None
    assert bodies(server)[0] == found.plan().requests[0].body


def test_a_copy_remembers_that_it_is_in_doubt(
    server: Emulator, fake_time: Any, travel: Copier
) -> None:
    """Pitfall 25."""
    once = Client(server.api_key, base_url=server.url, retry=0, clock=fake_time.clock())
    found = TravellingConversation.using(once).get(server.world.add("conversation", name="a"))
    server.faults.add(Fault.cut_after(method="PATCH"))
    found.name = "b"
    with pytest.raises(OutcomeUnknownError):
        found.save()

    twin = travel(found)

    assert twin.in_doubt
    assert twin.changes == {"name": ("a", "b")}
    once.close()


def test_what_a_copy_read_before_is_still_tracked(server: Emulator, travel: Copier) -> None:
    """Pitfalls 14 and 25: the live value of a copy is never the baseline itself."""
    found = conversation_of(server, suggestedTags=[{"tag": "a", "confidence": 0}])
    twin = travel(found)

    twin.suggested_tags[0]["confidence"] = 1

    assert list(twin.changes) == ["suggested_tags"]
    assert twin.original("suggested_tags") == [{"tag": "a", "confidence": 0}]
    assert found.raw["attributes"]["suggestedTags"] == [{"tag": "a", "confidence": 0}]


def test_what_raw_and_changes_hand_out_is_apart_from_the_record(server: Emulator) -> None:
    """Pitfall 14."""
    found = conversation_of(server, tags=["t"], suggestedTags=[{"tag": "a", "confidence": 0}])
    found.suggested_tags[0]["confidence"] = 1

    found.raw["attributes"]["suggestedTags"].clear()
    found.changes["suggested_tags"].new[0]["confidence"] = 9
    found.changes["suggested_tags"].old.clear()
    found.original("suggested_tags").clear()
    found.to_dict()["suggested_tags"].clear()
    found["tags"]  # the declared attribute itself
    found.snapshot()["attributes"]["suggestedTags"].clear()

    assert found.plan().requests[0].body == {"suggestedTags": [{"tag": "a", "confidence": 1}]}
    assert found.original("suggested_tags") == [{"tag": "a", "confidence": 0}]


def test_a_copy_of_a_copy_of_a_copy_is_still_the_same(server: Emulator, travel: Copier) -> None:
    """Pitfall 25."""
    found = conversation_of(server, name="a")
    found.name = "b"

    twin = travel(travel(travel(found)))

    assert twin.changes == {"name": ("a", "b")}
