"""Every contender does the same work and does it rightly; where a peer cannot, it is said which."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # pytest's import mode adds no folder of ours

from speed.contenders.contender import NEW_AMOUNT, NEW_NAME, NEW_TAG, Tracker
from speed.contest import ours, peers
from speed.conversations import pages
from speed.evidence import findings
from speed.shape import CUSTOM, STANDARD

TRACKERS = [*ours(), *peers()]
PAGE = next(pages(20))
RESOURCES: list[dict[str, Any]] = json.loads(PAGE)["data"]


@pytest.fixture(params=TRACKERS, ids=lambda tracker: tracker.name)
def tracker(request: pytest.FixtureRequest) -> Tracker:
    contender: Tracker = request.param
    return contender


def test_a_generated_conversation_holds_25_standard_and_10_custom_attributes_in_2_4_kilobytes() -> (
    None
):
    for resource in RESOURCES:
        attributes = dict(resource["attributes"])
        assert tuple(attributes.pop("custom")) == tuple(CUSTOM)
        assert tuple(attributes) == tuple(STANDARD)
    assert (len(STANDARD), len(CUSTOM)) == (25, 10)
    size = sum(len(json.dumps(r, separators=(",", ":"), ensure_ascii=False)) for r in RESOURCES)
    assert 2_200 < size / len(RESOURCES) < 2_600


def test_the_same_seed_makes_the_same_bytes() -> None:
    assert list(pages(150)) == list(pages(150))
    assert list(pages(150)) != list(pages(150, seed=9))


def test_the_four_attributes_read_are_those_of_the_page(tracker: Tracker) -> None:
    expected = [
        (
            resource["attributes"]["name"],
            datetime.fromisoformat(resource["attributes"]["createdAt"]),
            resource["attributes"]["tags"],
            resource["attributes"]["custom"]["refundAmountNum"],
        )
        for resource in RESOURCES
    ]
    assert tracker.read(tracker.hydrate(PAGE)) == expected


def test_a_loaded_record_is_clean_and_an_edited_one_is_dirty(tracker: Tracker) -> None:
    records = tracker.hydrate(PAGE)
    assert tracker.dirty(records) == [False] * len(RESOURCES)
    tracker.edit(records)
    assert tracker.dirty(records) == [True] * len(RESOURCES)


def test_the_delta_of_the_two_edits_is_the_two_edits(tracker: Tracker) -> None:
    records = tracker.hydrate(PAGE)
    tracker.edit(records)
    for body, resource in zip(tracker.delta(records), RESOURCES, strict=True):
        sent = tracker.sent(body)
        tags = resource["attributes"]["tags"]
        if "tags, added" in sent:
            sent["tags"] = [*tags, *sent.pop("tags, added")]
        assert sent == {"custom.refundAmountNum": NEW_AMOUNT, "tags": [*tags, NEW_TAG]}


def test_the_delta_of_two_values_that_were_set_is_the_two_values(tracker: Tracker) -> None:
    records = tracker.hydrate(PAGE)
    tracker.set_two(records)
    for body in tracker.delta(records):
        assert tracker.sent(body) == {"custom.refundAmountNum": NEW_AMOUNT, "name": NEW_NAME}


def test_nothing_can_be_held_against_our_records() -> None:
    for contender in ours():
        assert findings(contender, PAGE) == []


def test_what_is_held_against_the_peers_is_still_so() -> None:
    held = {contender.name: " / ".join(findings(contender, PAGE)) for contender in peers()}
    assert "reading marks 20 of 20 records dirty; a save would send tags" in held["python-gitlab"]
    assert "an append to the tags goes unseen in 20 of 20" in held["stripe"]
    assert "an edit taken back leaves 20 of 20 records dirty" in held["pyairtable.orm"]
    assert "an edit taken back leaves 20 of 20 records dirty" in held["mongoengine"]
    assert held["marshmallow"] == ""
