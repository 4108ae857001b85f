"""Which of the records that a job has made is whose, where the job only names them all.

Nothing is guessed: a record is taken for an item's only where it can be no other's, and what may
be the one or the other is left open. Items that send the very same are as good as one another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from kustomer_orm import jsonapi
from kustomer_orm._types import JSONObject
from kustomer_orm.records.bulk_items import Item, holds
from kustomer_orm.records.core import Core


class Matches(NamedTuple):
    """Which record is whose.

    Attributes:
        made: by place, the record that the item has made.
        not_made: the places of items that no record can be of, if all that were made are known.
    """

    made: dict[int, JSONObject]
    not_made: list[int]


class _Left(NamedTuple):
    """What is not matched yet. A group is the items that send the very same, told by their body.

    Attributes:
        places: of each group, the places of its items.
        fitting: of each record, by its place, the groups that may have made it.
    """

    places: dict[bytes, list[int]]
    fitting: dict[int, set[bytes]]


def match_new(cls: type[Core], items: Sequence[Item], found: Sequence[JSONObject]) -> Matches:
    """Match the items of a job with the records that it has made, each of them once.

    Args:
        cls: the class of the records.
        items: creations of which it is not known what became of them.
        found: the records that the job has made, in whatever order; none of another's.
    """
    places: dict[bytes, list[int]] = {}
    for place, item in enumerate(items):
        places.setdefault(jsonapi.dumps(item.body), []).append(place)
    left = _Left(places, _fitting(cls, items, places, found))
    explained = all(left.fitting.values())
    made: dict[int, JSONObject] = {}
    while certain := _certain(left, all_made=len(items) == len(found) and explained):
        for number, body in certain.items():
            made[left.places[body].pop(0)] = found[number]
            del left.fitting[number]
        for groups in left.fitting.values():
            groups -= {body for body in groups if not left.places[body]}
        # What fits no item was changed since: it may be anybody's.
        explained = explained and all(left.fitting.values())
    maybe = set[bytes]().union(*left.fitting.values())
    gone = [place for body, group in left.places.items() if body not in maybe for place in group]
    return Matches(made, sorted(gone) if explained else [])


def _fitting(
    cls: type[Core],
    items: Sequence[Item],
    places: dict[bytes, list[int]],
    found: Sequence[JSONObject],
) -> dict[int, set[bytes]]:
    """Tell which groups may have made each record: it holds all that they sent, and their key."""
    first = {body: items[group[0]] for body, group in places.items()}
    fitting = {
        number: {body for body, item in first.items() if holds(item, resource)}
        for number, resource in enumerate(found)
    }
    for name in [name for name in cls.look_ups if name in cls._attributes]:
        attribute = cls._named(name)
        sent: dict[str, set[bytes]] = {}
        for body, item in first.items():
            value = item.body.get(attribute.key)
            if isinstance(value, str):
                sent.setdefault(value, set()).add(body)
        for number, resource in enumerate(found):
            shown = attribute.read(resource["attributes"], {})
            if isinstance(shown, str) and shown in sent:
                fitting[number] &= sent[shown]
    return fitting


def _certain(left: _Left, *, all_made: bool) -> dict[int, bytes]:
    """Give the records whose group is certain; none of a group that has fewer items than that."""
    by_group: dict[bytes, list[int]] = {}
    for number, groups in left.fitting.items():
        if len(groups) == 1:
            by_group.setdefault(next(iter(groups)), []).append(number)
    if all_made:  # then a group has made all of as many records as might be its own
        for body, group in left.places.items():
            numbers = [number for number, groups in left.fitting.items() if body in groups]
            if group and len(numbers) == len(group):
                by_group.setdefault(body, numbers)
    claims = [
        (number, body)
        for body, numbers in by_group.items()
        if len(numbers) <= len(left.places[body])
        for number in numbers
    ]
    claimed = Counter(number for number, _ in claims)
    return {number: body for number, body in claims if claimed[number] == 1}
