"""How far a module's declarations and the organisation have drifted apart."""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from kustomer_orm import Record
from kustomer_orm.attributes import Attribute
from kustomer_orm.metadata import Property, has_choices
from kustomer_orm.reflection import KOBJECT, STANDARD, Model


class Drift(NamedTuple):
    """One difference.

    Attributes:
        type: the type of record, such as "conversation" or "kobject.order".
        key: the key of the custom attribute; "" where a whole type is missing.
        sign: "+" for what only the organisation has, "-" for what only the code has, "~" for
            what differs.
        what: what differs, in words.
    """

    type: str
    key: str
    sign: str
    what: str


def drifts_between(models: Sequence[Model], classes: Iterable[type[Record]]) -> list[Drift]:
    """List what the organisation and the code say differently, by type and key.

    Of several classes of one type each attribute counts that one of them declares.
    """
    declared: dict[str, dict[str, Property]] = {}
    for cls in classes:
        declared.setdefault(cls.type, {}).update(declared_by(cls))
    known = {model.type: model for model in models}
    found: list[Drift] = []
    for model in models:
        if model.type in declared:
            found += _between(model, declared[model.type])
        elif model.klass or any(one.kind for one in model.properties):
            found.append(Drift(model.type, "", "+", "the code has no class for it"))
    for type_name in declared:
        if type_name.startswith(KOBJECT) and type_name not in known:
            what = "the organisation has no such klass, or it is switched off"
            found.append(Drift(type_name, "", "-", what))
    return found


def is_checked(cls: type[Record]) -> bool:
    """Tell whether metadata says anything of a class's type."""
    return cls.type in STANDARD or cls.type.startswith(KOBJECT)


def declared_by(cls: type[Record]) -> dict[str, Property]:
    """Give what a class declares, by wire key."""
    titles = _titles(cls)
    return {
        attribute.key: _facts(attribute, titles.get(name, ""))
        for name, attribute in cls._attributes.items()
        if attribute.address.startswith("custom.")
    }


def _facts(attribute: Attribute[Any, Any], title: str) -> Property:
    target = getattr(
        attribute, "type_name", getattr(getattr(attribute, "kind", None), "type_name", "")
    )
    return Property(
        key=attribute.key,
        title=title,
        many=hasattr(attribute, "max_items"),
        choices=tuple(getattr(attribute, "choices", None) or ()),
        target=target if isinstance(target, str) else target.type,
        sensitive=attribute.sensitive,
    )


def _titles(cls: type[Record]) -> dict[str, str]:
    """Read the docstrings under a class's attributes, which only its source has."""
    titles: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        try:
            source = textwrap.dedent(inspect.getsource(base))
        except (OSError, TypeError):  # made at run time, or in C
            continue
        if base.__module__.partition(".")[0] != "kustomer_orm":
            titles |= dict(_docstrings(ast.parse(source)))
    return titles


def _docstrings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    for line, below in itertools.pairwise(body):
        target = line.targets[0] if isinstance(line, ast.Assign) else None
        text = below.value if isinstance(below, ast.Expr) else None
        if isinstance(target, ast.Name) and isinstance(text, ast.Constant):
            yield target.id, str(text.value)


def _between(model: Model, declared: dict[str, Property]) -> Iterator[Drift]:
    theirs = {one.key: one for one in model.properties if one.kind}
    for key in sorted(theirs.keys() | declared.keys()):
        if key not in declared:
            yield Drift(model.type, key, "+", "in the organisation, not in the code")
        elif key not in theirs:
            yield Drift(model.type, key, "-", "in the code, not in the organisation")
        else:
            yield from _differences(model.type, declared[key], theirs[key])


def _differences(type_name: str, mine: Property, theirs: Property) -> Iterator[Drift]:
    words = [
        _differing("several values", mine.many, theirs.many),
        _differing("target", mine.target, theirs.target),
        _differing("sensitive", mine.sensitive, theirs.sensitive),
        _differing_titles(mine.title, theirs.title),
        _differing_choices(mine.choices, theirs.choices if has_choices(theirs) else ()),
    ]
    yield from (Drift(type_name, mine.key, "~", text) for text in words if text)


def _differing(name: str, mine: Any, theirs: Any) -> str:
    if mine == theirs:
        return ""
    return f"{name}: {_said(mine)} in the code, {_said(theirs)} in the organisation"


def _said(value: Any) -> str:
    return {True: "yes", False: "no", "": "none"}.get(value, repr(value))


def _differing_titles(mine: str, theirs: str) -> str:
    """Compare display names; code that is written by hand need not have any."""
    if not mine or " ".join(mine.split()).rstrip(".") == " ".join(theirs.split()).rstrip("."):
        return ""
    return _differing("display name", mine.strip().rstrip("."), theirs)


def _differing_choices(mine: Sequence[str], theirs: Sequence[str]) -> str:
    new = [word for word in theirs if word not in mine]
    gone = [word for word in mine if word not in theirs]
    parts = [f"the organisation adds {', '.join(map(repr, new))}"] if new else []
    parts += [f"the organisation has no {', '.join(map(repr, gone))}"] if gone else []
    if not parts and tuple(mine) != tuple(theirs):
        parts.append("in another order")
    return f"choices: {'; '.join(parts)}" if parts else ""
