"""Of the records that a job has made, none is ever taken for another item's."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kustomer_orm import Customer
from kustomer_orm.records.bulk_items import item_of
from kustomer_orm.records.bulk_matching import match_new
from kustomer_orm.records.planning import edits_of

# What an item sends: of its tags nothing can be told by what is stored.
sendings = st.fixed_dictionaries(
    {"name": st.sampled_from(["Jane", "Jim"])},
    optional={
        "username": st.sampled_from(["one", "two"]),
        "external_id": st.sampled_from(["X 1", "X 2", "X 3"]),
        "tags": st.sampled_from([["vip"], ["late"]]),
    },
)


def made_of(number: int, sent: dict[str, Any], *, renamed: bool) -> dict[str, Any]:
    """Give what the server shows of a record: tags as ids, and the name maybe changed since."""
    attributes = {"name": sent["name"], "tags": [f"{number:024x}"] if "tags" in sent else []}
    attributes |= {"externalId": sent["external_id"]} if "external_id" in sent else {}
    # A default, which stands there whether it was sent or not.
    attributes["username"] = sent.get("username", "one")
    if renamed:
        attributes["name"] = "Janet"
    return {"type": "customer", "id": f"{number:024x}", "attributes": attributes}


@settings(settings.get_profile("kustomer"))
@given(data=st.data())
def test_what_is_matched_is_its_own(data: st.DataObject) -> None:
    sent = data.draw(st.lists(sendings, min_size=1, max_size=7))
    keys = Counter(each["external_id"] for each in sent if "external_id" in each)
    sent = [each for each in sent if keys.get(each.get("external_id", ""), 0) < 2]
    places = range(len(sent))
    carried_out = data.draw(st.permutations([at for at in places if data.draw(st.booleans())]))
    renamed = data.draw(st.booleans())
    found = [
        made_of(at, sent[at], renamed=renamed and order == 0)
        for order, at in enumerate(carried_out)
    ]
    items = []
    for values in sent:
        record = Customer()
        record.assign(**values)
        items.append(item_of(record, edits_of(record), None, 100_000))

    matches = match_new(Customer, items, found)

    for place, resource in matches.made.items():
        assert sent[int(resource["id"], 16)] == sent[place]
    ids = [resource["id"] for resource in matches.made.values()]
    assert len(ids) == len(set(ids))
    # Of those that send the same, no more are said to be lost than were.
    lost = Counter(repr(sent[at]) for at in places if at not in carried_out)
    said = Counter(repr(sent[at]) for at in matches.not_made)
    assert not matches.not_made or all(said[each] <= lost[each] for each in said)
    assert not set(matches.not_made) & set(matches.made)
