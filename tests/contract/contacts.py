"""Rows of the lists that customers and companies have alike, as the contract prints them."""

from __future__ import annotations

from typing import Any

from kustomer_orm.attributes import List
from tests.contract.table import Row

_ELEVEN = 11


def elements(good: dict[str, Any], *bad: dict[str, Any]) -> Row:
    """Give the row of a list of closed objects: at most ten of them, none twice.

    Args:
        good: one element; the first member must be text.
        *bad: elements that are refused.
    """
    name = next(iter(good))
    many = [{**good, name: f"{good[name]}{n}"} for n in range(_ELEVEN)]
    return Row(
        List,
        create=True,
        update=True,
        good=([], [good], many[1:]),
        bad=(many, [good, good], [{**good, "unknown": 1}], ["x"], {}, *([each] for each in bad)),
    )


TAGS = Row(
    List,
    create=True,
    update=True,
    good=([], ["a"], ["Über /_<>-."], ["x" * 64], [str(n) for n in range(20)]),
    bad=([""], ["x" * 65], [" a"], ["a!"], ["a\n"], ["a", "a"], [str(n) for n in range(21)]),
)
EMAILS = elements(
    {"email": "jane@example.com", "type": "work", "verified": True},
    {},
    {"email": 5},
    {"email": "jane@example.com", "type": "mobile"},
    {"email": "jane@example.com", "verified": "yes"},
)
PHONES = elements(
    {"phone": "+1555123456", "type": "fax"},
    {"type": "fax"},
    {"phone": 1555},
    {"phone": "+1555123456", "type": "x"},
)
WHATSAPPS = elements(
    {"phone": "+1555123456", "type": "mobile"}, {}, {"phone": "+1555123456", "type": "home"}
)
SOCIALS = elements(
    {"username": "jane", "type": "twitter", "userid": "x" * 256, "url": "https://example.com/j"},
    {"username": "jane"},
    {"type": "twitter"},
    {"username": "", "type": "twitter"},
    {"username": "x" * 257, "type": "twitter"},
    {"username": "jane", "type": "myspace"},
    {"username": "jane", "type": "twitter", "userid": "x" * 257},
    {"username": "jane", "type": "twitter", "url": "no url"},
)
URLS = elements(
    {"url": "https://example.com/", "type": "blog"},
    {"type": "blog"},
    {"url": "no url"},
    {"url": "https://example.com", "type": "shop"},
)
LOCATIONS = elements(
    {
        "address": "530 7th Ave",
        "type": None,
        "latitude": 40.7,
        "longitude": None,
        "countryCode": "US",
        "regionCode": "NY",
        "zipCode": "x" * 30,
        "cityName": "x" * 128,
    },
    {"type": "castle"},
    {"address": "x" * 257},
    {"address2": "x" * 257},
    {"address3": "x" * 257},
    {"countryCode": "USA"},
    {"countryCode": "U"},
    {"countryName": "x" * 65},
    {"regionCode": "NYC"},
    {"regionName": "x" * 129},
    {"cityName": "x" * 129},
    {"zipCode": "x" * 31},
    {"areaCode": "x" * 31},
    {"latitude": "north"},
)
