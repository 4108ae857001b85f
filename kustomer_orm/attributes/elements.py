"""Lists that several resources have: tags, and the ways to reach a person or a company.

The members and limits are those of the published contract, which prints them alike everywhere. Of
the formats `email-relaxed`, `phone-number`, `whatsapp-number` and `domain-name` the rules are not
published, so that the API alone can say what it takes. What it shows of an element and does not
take (`id: null` in its examples, `externalVerified` in recordings) is left out of requests.
"""

from __future__ import annotations

from typing import Any

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject, ReadOnlyJSONObject
from kustomer_orm.attributes.base import Attribute
from kustomer_orm.attributes.containers import List, Object
from kustomer_orm.attributes.scalars import Boolean, Choice, Integer, Number, String, Url

TAG = r"^[0-9a-zA-ZÀ-ÿ_/<>\-.][0-9a-zA-ZÀ-ÿ _/<>\-.]{0,63}$"
_SHOWN = ("id", "externalVerified")


def tags(**options: Any) -> List[str]:
    """Make a list of tags: names or ids are written, ids are read."""
    tag = String(min_length=1, max_length=64, pattern=TAG)
    return List(tag, max_items=20, unordered=True, **options)


def emails() -> List[dict[str, Any]]:
    """Make a list of email addresses."""
    return _elements(
        "email", email=String(), type=Choice("home", "work", "other"), verified=Boolean()
    )


def phones() -> List[dict[str, Any]]:
    """Make a list of phone numbers (E.164)."""
    kinds = Choice("mobile", "home", "work", "fax", "other")
    return _elements("phone", phone=String(), type=kinds, verified=Boolean())


def whatsapps() -> List[dict[str, Any]]:
    """Make a list of WhatsApp numbers; recorded to read back as `whatsapp:+…`."""
    phone = String(prefix="whatsapp:")
    return _elements("phone", phone=phone, type=Choice("mobile"), verified=Boolean())


def external_ids() -> List[dict[str, Any]]:
    """Make a list of ids that other systems have for a customer."""
    external_id = String(min_length=1, max_length=255)
    return _elements("externalId", externalId=external_id, verified=Boolean())


def socials() -> List[dict[str, Any]]:
    """Make a list of accounts in social media."""
    return _elements(
        "type",
        "username",
        type=Choice("twitter", "facebook", "instagram", "linkedin", "pinterest"),
        username=String(min_length=1, max_length=256),
        userid=String(max_length=256),
        url=Url(),
        verified=Boolean(),
    )


def urls() -> List[dict[str, Any]]:
    """Make a list of web sites."""
    return _elements("url", url=Url(), type=Choice("website", "blog", "other"))


def locations() -> List[dict[str, Any]]:
    """Make a list of postal addresses."""
    return _elements(
        type=Choice("home", "work", "other", nullable=True),
        name=String(nullable=True),
        address=String(max_length=256, nullable=True),
        address2=String(max_length=256, nullable=True),
        address3=String(max_length=256, nullable=True),
        latitude=Number(nullable=True),
        longitude=Number(nullable=True),
        countryCode=String(min_length=2, max_length=2, nullable=True),
        countryName=String(max_length=64, nullable=True),
        regionCode=String(max_length=2, nullable=True),
        regionName=String(max_length=128, nullable=True),
        cityName=String(max_length=128, nullable=True),
        zipCode=String(max_length=30, nullable=True),
        areaCode=String(max_length=30, nullable=True),
    )


def facebook_ids() -> List[dict[str, Any]]:
    """Make a list of accounts on pages of Facebook."""
    text = {name: String(max_length=255) for name in ("pageId", "userId", "name")}
    return _elements("pageId", "userId", **text)


def instagram_ids() -> List[dict[str, Any]]:
    """Make a list of accounts on pages of Instagram."""
    names = ("pageId", "threadId", "username", "instagramId")
    text = {name: String(max_length=255) for name in names}
    return _elements("pageId", "threadId", "username", **text)


def domains() -> List[dict[str, Any]]:
    """Make a list of the domains of a company."""
    return _elements("domain", domain=String())


def sentiment(**options: Any) -> Object:
    """Make a sentiment; it reads as `{}` where there is none, which cannot be sent back."""
    members: dict[str, Attribute[Any, Any]] = {
        "polarity": Integer(min=-1, max=1),
        "confidence": Number(min=-1, max=1),
    }
    return Object(members, required=("polarity", "confidence"), **options)


def attachments(**options: Any) -> List[dict[str, Any]]:
    """Make a list of files that were uploaded before, by their ids."""
    members: dict[str, Attribute[Any, Any]] = {
        "_id": String(),
        "name": String(),
        "contentType": String(),
        "contentLength": Number(),
        "sourceId": String(),
    }
    required = ("_id", "name", "contentType", "contentLength")
    return List(Object(members, required=required), unique=True, **options)


def location(**options: Any) -> Object:
    """Make one postal address, of a message."""
    members: dict[str, Attribute[Any, Any]] = {
        "name": String(),
        "address": String(max_length=256),
        "address2": String(max_length=256),
        "address3": String(max_length=256),
        "latitude": Number(),
        "longitude": Number(),
        "countryCode": String(min_length=2, max_length=2),
        "countryName": String(max_length=64),
        "regionCode": String(max_length=2),
        "regionName": String(max_length=128),
        "cityName": String(max_length=128),
        "zipCode": String(max_length=30),
        "areaCode": String(max_length=30),
    }
    return Object(members, **options)


def address(**options: Any) -> Object:
    """Make an email address with the name of who has it."""
    members: dict[str, Attribute[Any, Any]] = {
        "email": String(min_length=3, max_length=256),
        "name": String(min_length=1),
    }
    return Object(members, required=("email",), **options)


def mentions(**options: Any) -> List[dict[str, Any]]:
    """Make a list of the users and teams that a text names: `{"user": id}` or `{"team": id}`."""
    return _Mentions(Object({"user": String(), "team": String()}), **options)


class _Mentions(List[dict[str, Any]]):
    """Written as an attribute and read as a relationship (documented); both look alike here."""

    def make_address(self) -> str:
        return f"relationships.{self.key}"

    def read(self, attributes: ReadOnlyJSONObject, relationships: ReadOnlyJSONObject) -> JSON:
        relation = relationships.get(self.key)
        data = relation.get("data", MISSING) if isinstance(relation, dict) else MISSING
        if not isinstance(data, list):
            return MISSING if data is None else data
        return [_mention(item) for item in data]

    def put(self, attributes: JSONObject, relationships: JSONObject, wire: JSON) -> None:
        if wire is MISSING:
            relationships.pop(self.key, None)
            return
        items: Any = wire or []
        data = [{"type": kind, "id": id_} for each in items for kind, id_ in each.items()]
        relationships[self.key] = {"data": data}


def _mention(item: JSON) -> JSON:
    if isinstance(item, dict) and isinstance(kind := item.get("type"), str):
        return {kind: item.get("id")}
    return item


def _elements(*required: str, **members: Attribute[Any, Any]) -> List[dict[str, Any]]:
    element = Object(members, required=required, shown=_SHOWN)
    return List(element, max_items=10, unique=True)
