"""The token that a form carries in a hidden field: what its person was shown, signed.

Signing is the framework's (`django.core.signing`, itsdangerous). A token is signed and not
encrypted, so whoever gets the page can read it: it holds the attributes of the form and nothing
else of the record, and no value that is masked or declared sensitive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

from kustomer_orm._types import JSONObject
from kustomer_orm.client import Client
from kustomer_orm.errors import FormTokenError, KustomerError
from kustomer_orm.forms.fields import FormField, Kind
from kustomer_orm.records import Record

R = TypeVar("R", bound=Record)

_VERSION = 2

# A working day: long enough for a form that stayed open over lunch.
MAX_AGE = 8 * 3600


class Shown(NamedTuple):
    """How a field was shown, which the page that comes back goes by.

    Attributes:
        kind: see `FormField`.
        is_secret: whether its value was shown to nobody.
    """

    kind: Kind
    is_secret: bool


class Signer(Protocol):
    """Makes a token of a JSON object, and an object of a token that it has made.

    `unsign` raises a `FormTokenError` for "altered" and "too old".
    """

    def sign(self, held: JSONObject) -> str:
        """Give the token of an object."""
        ...

    def unsign(self, token: str, max_age: float) -> Any:
        """Give the object of a token that is at most so many seconds old."""
        ...


def token_of(
    record: Record, fields: Iterable[FormField], signer: Signer, *, user: object = None
) -> str:
    """Give the token of a form that is about to be shown. No request.

    Args:
        record: what is shown; its unsaved changes are in the token as well.
        fields: the fields of the form.
        signer: the framework's signature.
        user: whoever is shown it, such as a primary key; a token of one person is refused from
            another. None where the application knows no users.

    Raises:
        InvalidValueError: a list was edited into something that is not JSON.
    """
    shown = list(fields)
    names = [field.name for field in shown if not field.is_secret]
    held = {
        "version": _VERSION,
        "user": _user(user),
        "record": record.snapshot(only=names),
        "fields": {field.name: [field.kind, field.is_secret] for field in shown},
    }
    return signer.sign(held)


def record_of(
    cls: type[R],
    token: str | None,
    signer: Signer,
    *,
    client: Client,
    id: str | None,
    user: object = None,
    max_age: float = MAX_AGE,
    names: Iterable[str] | None = None,
) -> R:
    """Make the record of a form that came back, on the baseline that its person saw. No request.

    Args:
        cls: the class of the record.
        token: what came back in the hidden field.
        signer: the framework's signature.
        client: the client of the organisation that the page is about.
        id: the record that the page is about, as its address says; None for one to be made.
        user: whoever sent it.
        max_age: how old it may be, in seconds.
        names: the attributes of the form, whose token may know no others and no fewer: what its
            person was not shown would be written over.

    Raises:
        FormTokenError: it is missing, altered, too old, or of another record, organisation, user
            or form.
    """
    return opened(
        cls, token, signer, client=client, id=id, user=user, max_age=max_age, names=names
    )[0]


def opened(
    cls: type[R],
    token: str | None,
    signer: Signer,
    *,
    client: Client,
    id: str | None,
    user: object = None,
    max_age: float = MAX_AGE,
    names: Iterable[str] | None = None,
) -> tuple[R, Mapping[str, Shown]]:
    """Give the record of a form that came back, see `record_of`, and how its fields were shown."""
    if not token:
        message = "the form came back without its token: put it into a hidden field of the form"
        raise FormTokenError(message, reason="missing")
    said = signer.unsign(token, max_age)
    held = said if isinstance(said, dict) else {}
    snapshot, fields = held.get("record"), held.get("fields")
    is_known = held.get("version") == _VERSION
    if not is_known or not isinstance(snapshot, dict) or not isinstance(fields, dict):
        raise FormTokenError("the form's token is of another version", reason="altered")
    if held.get("user") != _user(user):
        raise FormTokenError("the form was shown to another user", reason="another user")
    if names is not None and fields.keys() != set(names):
        message = "the form had other fields than this one: show it again"
        raise FormTokenError(message, reason="another form")
    _refuse_another(cls, snapshot, client, id)
    try:
        record = cls.using(client).from_snapshot(snapshot)
    except KustomerError as error:  # declared otherwise since
        raise FormTokenError(f"the form's token does not fit: {error}", reason="altered") from None
    return record, {name: Shown(*how) for name, how in fields.items()}


def _refuse_another(
    cls: type[Record], snapshot: JSONObject, client: Client, id: str | None
) -> None:
    """Refuse a token of another record."""
    if (snapshot.get("type"), snapshot.get("id")) != (cls.type, id):
        about = f"{cls.__name__} {id}" if id else f"a new {cls.__name__}"
        message = f"the form was about another record than {about}"
        raise FormTokenError(message, reason="another record")
    of = snapshot.get("client")
    if of is not None and of[1] != client.org:
        message = f"the form was about a record of another organisation than {client.org}"
        raise FormTokenError(message, reason="another organisation")


def _user(user: object) -> str | None:
    return None if user is None else str(user)
