"""Values that mean "nothing was said": MISSING on the wire, UNSET in a call."""

from __future__ import annotations

import enum
from typing import Final, Literal, TypeAlias


class Missing(enum.Enum):
    """The wire has no such key. An enum member, so that it survives copy and pickle as itself."""

    MISSING = "MISSING"

    def __repr__(self) -> str:
        return "<missing>"

    def __bool__(self) -> Literal[False]:
        return False


class Unset(enum.Enum):
    """The caller did not say; `None` is something said."""

    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "<unset>"

    def __bool__(self) -> Literal[False]:
        return False


MISSING: Final = Missing.MISSING
UNSET: Final = Unset.UNSET

MissingType: TypeAlias = Literal[Missing.MISSING]
UnsetType: TypeAlias = Literal[Unset.UNSET]


class Masked:
    """A value that this key may not read: the API shows `********` in its place.

    It equals nothing but another masked value, is never a change and is never sent.
    Its `repr` does not show the presentation, which may hold part of the value.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     id_ = server.world.add("conversation", name="Hi")
    ...     server.world.mask("conversation", "name")
    ...     Conversation.get(id_).name
    <masked>
    """

    __slots__ = ("presentation",)

    def __init__(self, presentation: str) -> None:
        self.presentation = presentation

    def __repr__(self) -> str:
        return "<masked>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Masked)

    def __hash__(self) -> int:
        return hash(Masked)
