"""What was sent without an answer may have arrived: it is sent again, even if it was taken back."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, custom, errors
from kustomer_orm.emulator import Emulator, Fault


class Errand(Conversation):
    note = custom.Txt()
    refund = custom.Num("refundAmountNum")


@pytest.fixture(autouse=True)
def impatient(server: Emulator, fake_time: Any) -> Iterator[Client]:
    """A client that sends everything once, current for the test."""
    with Client(server.api_key, base_url=server.url, retry=0, clock=fake_time.clock()) as made:
        yield made
        made.close()


def errand_of(server: Emulator, **values: Any) -> Errand:
    return Errand.get(server.world.add("conversation", **values))


def lose(server: Emulator, errand: Errand, fault: Any = Fault.cut_after) -> None:
    """Save without an answer, and forget the requests so far."""
    server.faults.add(fault())
    with pytest.raises(errors.OutcomeUnknownError):
        errand.save()
    assert errand.in_doubt
    server.requests.clear()


def stored(server: Emulator, errand: Errand) -> Any:
    return server.world.get("conversation", str(errand.id))["attributes"]


def bodies(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests]


def dirty(errand: Errand) -> bool:
    return errand.is_dirty


def assert_settled(server: Emulator, errand: Errand) -> None:
    """Nothing is in doubt, nothing is left to send, and the next save is none."""
    assert (errand.in_doubt, dirty(errand)) == (False, False)
    count = len(server.requests)
    errand.save()
    assert len(server.requests) == count


# -- taken back ------------------------------------------------------------------------------------


def assign(errand: Errand) -> None:
    errand.name = "a"


def touch_and_assign(errand: Errand) -> None:
    errand.touch("name")
    errand.name = "a"


def assign_twice(errand: Errand) -> None:
    errand.name = "c"
    errand.name = "a"


def restore_and_assign(errand: Errand) -> None:
    errand.restore()
    errand.name = "a"


TAKEN_BACK: dict[str, Callable[[Errand], object]] = {
    "assigned": assign,
    "touched first": touch_and_assign,
    "assigned twice": assign_twice,
    "by assign()": lambda errand: errand.assign(name="a"),
    "restored": lambda errand: errand.restore("name"),
    "all restored": lambda errand: errand.restore(),
    "restored, then assigned": restore_and_assign,
}


@pytest.mark.parametrize("take_back", TAKEN_BACK.values(), ids=TAKEN_BACK)
def test_a_doubtful_value_that_is_taken_back_is_sent_back(
    server: Emulator, take_back: Callable[[Errand], object]
) -> None:
    errand = errand_of(server, name="a")
    errand.name = "b"
    lose(server, errand)
    assert stored(server, errand)["name"] == "b"

    take_back(errand)
    assert (errand.name, list(errand.changes)) == ("a", ["name"])
    errand.save()

    assert bodies(server) == [{"name": "a"}]
    assert stored(server, errand)["name"] == "a"
    assert_settled(server, errand)


def test_only_what_is_in_doubt_is_sent_back(server: Emulator) -> None:
    errand = errand_of(server, name="a", priority=3)
    errand.name = "b"
    lose(server, errand)

    errand.priority = 5
    errand.restore()
    errand.save()

    assert bodies(server) == [{"name": "a"}]


def test_a_doubtful_custom_key_that_is_deleted_is_cleared(server: Emulator) -> None:
    errand = errand_of(server)
    errand.note = "n"
    lose(server, errand)

    del errand.custom["noteTxt"]
    assert list(errand.changes) == ["note"]
    errand.save()

    assert bodies(server) == [{"custom": {"noteTxt": None}}]
    assert "noteTxt" not in stored(server, errand)["custom"]
    assert_settled(server, errand)


@pytest.mark.parametrize("name", ["note", "custom.otherStr"])
def test_a_doubtful_custom_key_that_is_restored_to_absent_is_cleared(
    server: Emulator, name: str
) -> None:
    errand = errand_of(server)
    key = "noteTxt" if name == "note" else "otherStr"
    errand.custom[key] = "n"
    lose(server, errand)

    errand.restore(name)
    errand.save()

    assert bodies(server) == [{"custom": {key: None}}]
    assert key not in stored(server, errand)["custom"]
    assert_settled(server, errand)


@pytest.mark.parametrize("way", ["in place", "restore"])
def test_a_doubtful_list_that_is_taken_back_is_sent_whole(server: Emulator, way: str) -> None:
    errand = errand_of(server, tags=["t"])
    tags = errand.tags
    tags.append("u")
    lose(server, errand)

    if way == "restore":
        errand.restore("tags")
    else:
        tags.remove("u")
    errand.save()

    assert [(each.method, each.body) for each in server.requests] == [("PATCH", {"tags": tags})]
    assert [server.world.tag_name(tag) for tag in stored(server, errand)["tags"]] == ["t"]
    assert errand.tags is tags
    assert_settled(server, errand)


def test_a_doubtful_tag_that_was_replaced_by_another_does_not_stay_on_the_server(
    server: Emulator,
) -> None:
    errand = errand_of(server, tags=["t"])
    errand.tags.append("u")
    lose(server, errand)

    errand.tags[-1] = "v"
    errand.save()

    assert [each.method for each in server.requests] == ["PATCH"]
    assert [server.world.tag_name(tag) for tag in stored(server, errand)["tags"]] == ["t", "v"]


def test_a_tag_whose_removal_is_in_doubt_is_put_back_with_the_whole_list(
    server: Emulator,
) -> None:
    errand = errand_of(server, tags=["t", "u"])
    gone = errand.tags.pop()
    lose(server, errand)

    errand.tags.append(gone)
    errand.save()

    assert [(each.method, each.body) for each in server.requests] == [
        ("PATCH", {"tags": errand.tags})
    ]
    assert stored(server, errand)["tags"] == errand.tags
    assert_settled(server, errand)


def test_a_tag_more_beside_a_doubtful_one_is_still_added_in_place(server: Emulator) -> None:
    errand = errand_of(server, tags=["t"])
    errand.tags.append("u")
    lose(server, errand)

    errand.tags.append("v")
    errand.save()

    assert [(each.method, each.body) for each in server.requests] == [("POST", ["u", "v"])]
    assert_settled(server, errand)


def test_a_value_that_is_taken_back_while_its_save_is_under_way_is_sent_back(
    server: Emulator,
) -> None:
    errand = errand_of(server, name="a")
    errand.name = "b"
    server.faults.add(Fault.before(lambda _: setattr(errand, "name", "a")))
    lose(server, errand)

    errand.save()

    assert bodies(server) == [{"name": "a"}]
    assert stored(server, errand)["name"] == "a"


def test_a_value_that_was_never_known_is_not_made_up_by_restore(server: Emulator) -> None:
    errand = Errand(id=server.world.add("conversation", name="a"), name="b")
    lose(server, errand)
    errand.restore()
    assert not errand.save()
    assert server.requests == []


def test_a_second_save_that_is_refused_keeps_the_doubt_of_the_first(server: Emulator) -> None:
    errand = errand_of(server, name="a")
    errand.name = "b"
    lose(server, errand)
    errand.name = "c"
    server.faults.add(Fault.status(400))
    with pytest.raises(errors.BadRequestError):
        errand.save()
    errand.name = "a"
    errand.save()
    assert bodies(server) == [{"name": "c"}, {"name": "a"}]


# -- settled by an answer --------------------------------------------------------------------------


def test_a_doubtful_value_that_is_saved_again_is_settled(server: Emulator) -> None:
    errand = errand_of(server, name="a", tags=["t"])
    errand.tags.append("u")
    errand.name = "b"
    lose(server, errand)
    errand.save()
    assert bodies(server) == [{"name": "b"}, ["u"]]
    assert_settled(server, errand)
    errand.tags.append("v")
    errand.tags.remove("v")
    assert not dirty(errand)


@pytest.mark.parametrize(
    ("fault", "sent"), [(Fault.cut_after, [{"name": "a"}]), (Fault.cut_before, [])]
)
def test_a_refresh_settles_the_doubt_and_keeps_what_was_chosen_since(
    server: Emulator, fault: Any, sent: list[Any]
) -> None:
    errand = errand_of(server, name="a")
    errand.name = "b"
    lose(server, errand, fault)
    errand.name = "a"

    assert errand.refresh() == {}

    assert (errand.name, errand.in_doubt) == ("a", False)
    errand.save()
    assert stored(server, errand)["name"] == "a"
    assert bodies(server)[1:] == sent
    assert_settled(server, errand)


def test_a_value_in_doubt_and_moved_by_others_is_no_overlap_with_itself(server: Emulator) -> None:
    errand = errand_of(server, name="a")
    errand.name = "b"
    lose(server, errand)
    server.world.edit("conversation", str(errand.id), priority=5)
    assert errand.refresh() == {}
    assert (errand.name, errand.priority, dirty(errand)) == ("b", 5, False)


# -- travelling ------------------------------------------------------------------------------------

WAYS: dict[str, Callable[[Errand], Errand]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda errand: pickle.loads(pickle.dumps(errand)),
    "snapshot": lambda errand: Errand.from_snapshot(json.loads(json.dumps(errand.snapshot()))),
}


@pytest.mark.parametrize("travel", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("back", ["before", "after"])
def test_a_doubtful_value_that_travelled_is_sent_back_too(
    server: Emulator, travel: Callable[[Errand], Errand], back: str
) -> None:
    errand = errand_of(server, name="a")
    errand.name = "b"
    lose(server, errand)
    if back == "before":
        errand.name = "a"

    twin = travel(errand)
    if back == "after":
        twin.name = "a"
    twin.save()

    assert bodies(server) == [{"name": "a"}]
    assert stored(server, twin)["name"] == "a"
    assert_settled(server, twin)
    assert errand.in_doubt


@pytest.mark.parametrize("travel", WAYS.values(), ids=WAYS)
def test_a_doubtful_tag_that_travelled_does_not_stay_on_the_server(
    server: Emulator, travel: Callable[[Errand], Errand]
) -> None:
    errand = errand_of(server, tags=["t"])
    errand.tags.append("u")
    lose(server, errand)

    twin = travel(errand)
    twin.tags[-1] = "v"
    twin.save()

    assert [each.method for each in server.requests] == ["PATCH"]
    assert [server.world.tag_name(tag) for tag in stored(server, twin)["tags"]] == ["t", "v"]
