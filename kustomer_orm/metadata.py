"""What an organisation's metadata says of a custom attribute, and the attribute that it makes.

`GET /v1/metadata/{resource}` gives by wire key what people set up in Kustomer: display name,
choices, tree, target, whether there may be several values, whether it is sensitive (documented; of
`multi` and `array` both words occur, and `lastNodeRequired` was seen in a client).
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple

from kustomer_orm import custom
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.attributes import Attribute
from kustomer_orm.custom import SUFFIXES

# More would make a type that checkers take seconds to read.
MOST_CHOICES = 500


class Property(NamedTuple):
    """One custom attribute as the organisation has set it up.

    Attributes:
        key: its key on the wire.
        title: its display name.
        many: whether its value is a list.
        choices: the words, or the paths of a tree's nodes, that it may have; empty for any.
        labels: the display names of a tree's nodes, in the order of `choices`.
        target: the type that an `Id` points at, such as "kobject.order"; "" where nothing says.
        sensitive: whether it is masked for keys without the permission.
    """

    key: str
    title: str = ""
    many: bool = False
    choices: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    target: str = ""
    sensitive: bool = False

    @property
    def suffix(self) -> str:
        """The ending that types it, or "" where it has none that is known."""
        found = (end for end in SUFFIXES if self.key.endswith(end) and self.key != end)
        return next(found, "")

    @property
    def kind(self) -> str:
        """The class of `kustomer_orm.custom` that declares it, or "" where none does."""
        if self.suffix == "Id":
            return "Id" if self.target else ""
        if not self.many:
            return self.suffix
        return "Strs" if self.suffix == "Str" else ""

    @property
    def why_not(self) -> str:
        """Say why no class declares it."""
        if not self.suffix:
            return "its key ends in no known suffix"
        if self.suffix == "Id" and not self.target:
            return "its metadata names no target"
        return f"it holds several values, which is known of Str and Id only, not of {self.suffix}"


def properties_of(resource: JSONObject) -> list[Property]:
    """List what a metadata resource says, by key; what was deleted is left out.

    >>> resource = {"attributes": {"properties": {"sizeStr": {"enumeration": ["S", "M"]}}}}
    >>> properties_of(resource)[0].choices
    ('S', 'M')
    """
    found = resource["attributes"].get("properties")
    facts = found if isinstance(found, dict) else {}
    return [
        _property(key, facts[key])
        for key in sorted(facts)
        if isinstance(facts[key], dict)
        and not (facts[key].get("deletedAt") or facts[key].get("deleted"))
    ]


def _property(key: str, facts: JSONObject) -> Property:
    nodes = list(_nodes(facts))
    words = facts.get("enumeration")
    choices = [word for word in words if isinstance(word, str)] if isinstance(words, list) else []
    title, target = facts.get("displayName"), facts.get("target")
    return Property(
        key=key,
        title=title.strip() if isinstance(title, str) else "",
        many=bool(facts.get("multi") or facts.get("array")),
        choices=tuple(path for path, _ in nodes) or tuple(dict.fromkeys(choices)),
        labels=tuple(label for _, label in nodes),
        target=target if isinstance(target, str) else "",
        sensitive=_is_sensitive(facts.get("sensitive")),
    )


def _is_sensitive(told: JSON) -> bool:
    """Read both spellings that occur: a boolean, or an object with `enabled`."""
    return bool(told.get("enabled")) if isinstance(told, dict) else bool(told)


def _nodes(facts: JSONObject) -> Iterator[tuple[str, str]]:
    """Give path and label of each node that may be chosen, in the tree's order."""
    tree = facts.get("tree")
    if isinstance(tree, dict):
        yield from _below(tree, "", only_last=bool(facts.get("lastNodeRequired")))


def _below(node: JSONObject, path: str, *, only_last: bool) -> Iterator[tuple[str, str]]:
    children = node.get("children")
    for child in children if isinstance(children, list) else ():
        if not isinstance(child, dict) or not isinstance(child.get("id"), str):
            continue
        here = f"{path}.{child['id']}" if path else child["id"]
        if not (only_last and child.get("children")):
            yield here, str(child.get("displayName") or child["id"])
        yield from _below(child, here, only_last=only_last)


_MAKERS: dict[str, Callable[..., Attribute[Any, Any]]] = {
    "Str": custom.Str,
    "Strs": custom.Strs,
    "Tree": custom.Tree,
    "Txt": custom.Txt,
    "Num": custom.Num,
    "At": custom.At,
    "Bool": custom.Bool,
    "Url": custom.Url,
}


def attribute_of(facts: Property) -> Attribute[Any, Any] | None:
    """Make the attribute of a property; None where no class declares such a one.

    >>> attribute_of(Property("sizeStr", choices=("S", "M"))).choices
    ('S', 'M')
    """
    if facts.kind == "Id":
        many: Any = facts.many
        return custom.Id(facts.target, facts.key, many=many, sensitive=facts.sensitive)
    make = _MAKERS.get(facts.kind)
    if make is None:
        return None
    limits = {"choices": facts.choices} if has_choices(facts) else {}
    return make(facts.key, sensitive=facts.sensitive, **limits)


def has_choices(facts: Property) -> bool:
    """Tell whether the words are few enough to be declared."""
    return facts.kind in {"Str", "Strs", "Tree"} and 0 < len(facts.choices) <= MOST_CHOICES


# -- names -----------------------------------------------------------------------------------------

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# In the body of a class these would hide what the lines below them need.
_HIDING = frozenset(("custom", "kustomer_orm", "get_args"))


def snake(key: str) -> str:
    """Give a wire name in Python's spelling.

    >>> snake("orderNumber"), snake("HTTPStatus"), snake("@timer-duration")
    ('order_number', 'http_status', 'timer_duration')
    """
    # Python reads identifiers in this form, so names that look alike must be one here already.
    plain = unicodedata.normalize(
        "NFKC", _CAMEL.sub("_", unicodedata.normalize("NFKC", key)).lower()
    )
    words = "".join(sign if f"a{sign}".isidentifier() else "_" for sign in plain)
    return re.sub("_+", "_", words).strip("_")


def names_of(keys: Iterable[str], taken: Collection[str] = ()) -> dict[str, str]:
    """Give each wire key a Python name: without its suffix, where that is free.

    Keys that would share a name keep their suffix, all of them, and so does one whose name is
    taken. The names depend on the keys alone, not on their order.

    >>> names_of(["sizeStr", "orderNum", "orderStr", "nameStr", "2ndNum"], taken=["name"])
    {'sizeStr': 'size', 'orderNum': 'order_num', 'orderStr': 'order_str', 'nameStr': 'name_str', \
'2ndNum': 'custom_2nd'}
    """
    short = {key: _identifier(snake(_without_suffix(key))) for key in keys}
    shared = Counter(short.values())
    names: dict[str, str] = {}
    for key in sorted(short):
        name = short[key]
        if shared[name] > 1 or _is_taken(name, taken):
            name = _identifier(snake(key))
        while _is_taken(name, taken) or name in names.values():
            name += "_"
        names[key] = name
    return {key: names[key] for key in short}


def _without_suffix(key: str) -> str:
    return key.removesuffix(Property(key).suffix)


def _identifier(words: str) -> str:
    if not words.isidentifier():
        words = f"custom_{words}".rstrip("_")
    return words


def _is_taken(name: str, taken: Collection[str]) -> bool:
    hides = name in _HIDING or name in dir(builtins)
    return name in taken or hides or keyword.iskeyword(name)
