"""Writes the module: one class for each type, one line for each custom attribute.

The text depends on what the organisation has set up and on nothing else, neither on an order that
the API happens to answer in nor on the day: a change there is a change of a few lines here. It is
laid out as black and `ruff format` do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import kustomer_orm
from kustomer_orm.codegen.classes import IMPORTED, base_of, class_names, pascal
from kustomer_orm.codegen.text import calling, documented, literal, quoted
from kustomer_orm.metadata import Property, has_choices, names_of
from kustomer_orm.reflection import Model

_HEAD = """\
Custom attributes of the organisation {org}, as Kustomer knows them.

Written by `kustomer-orm models generate`: do not edit. `kustomer-orm models check` tells when
the organisation has changed; generating again brings this up to date.
"""


def source_of(models: Sequence[Model], org: str, *, default: bool = True) -> str:
    """Give the text of the module.

    Args:
        models: the types of the organisation.
        org: its name.
        default: whether the classes are used wherever a record of their type arrives.

    >>> model = Model("customer", "", (Property("vipBool", "VIP"),))
    >>> source_of([model], "acme").splitlines()[-2]
    '    vip = custom.Bool("vipBool")'
    """
    worth = [model for model in models if model.properties or model.klass]
    names = class_names(models)
    written = _Names(set(names.values()))
    aliases: list[str] = []
    classes: list[str] = []
    for model in worth:
        found = _aliases(model, names[model.type], written)
        for key, alias in found.items():
            aliases += _alias(alias, next(one for one in model.properties if one.key == key))
        classes += ["", "", *_class(model, names[model.type], found, default=default)]
    declares = any(one.kind for model in worth for one in model.properties)
    lines = [*documented(_HEAD.format(org=org))]
    lines += ["", "from typing import Literal, TypeAlias, get_args"] if aliases else []
    lines += ["", "import kustomer_orm"] if classes else []
    lines += ["from kustomer_orm import custom"] if declares else []
    lines += ["", *aliases] if aliases else []
    return "\n".join([*lines, *classes]) + "\n"


class _Names:
    """The names of a module, each given once."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken | IMPORTED

    def give(self, name: str) -> str:
        """Give a name, with an underline where it is taken."""
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name


def python_names(model: Model) -> dict[str, str]:
    """Give the Python name of each property that is declared, by its key."""
    base = getattr(kustomer_orm, base_of(model))
    return names_of((one.key for one in model.properties if one.kind), dir(base))


def _aliases(model: Model, class_name: str, written: _Names) -> dict[str, str]:
    """Name the type of each attribute that has choices, by its key."""
    names = python_names(model)
    return {
        one.key: written.give(class_name + pascal(names[one.key]))
        for one in model.properties
        if has_choices(one)
    }


def _alias(name: str, facts: Property) -> Iterator[str]:
    labels = facts.labels or ("",) * len(facts.choices)
    words = zip(facts.choices, labels, strict=True)
    items = [(quoted(word), "" if label == word else label) for word, label in words]
    yield from literal(f"{name}: TypeAlias = Literal", items)


def _class(model: Model, name: str, aliases: dict[str, str], *, default: bool) -> Iterator[str]:
    bases = [f"kustomer_orm.{base_of(model)}"]
    bases += [f"klass={quoted(model.klass)}"] if model.klass else []
    bases += ["default=True"] if default else []
    yield from calling(f"class {name}", bases, ":")
    shown = f", shown as {model.title}" if model.title else ""
    about = f"A {model.type} with the custom attributes of the organisation."
    klass = f"An object of the klass {model.klass}{shown}."
    yield from documented(klass if model.klass else about, indent=4)
    names = python_names(model)
    declared = [one for one in model.properties if one.kind]
    if model.properties:
        yield ""
    for one in declared:
        yield from _attribute(names[one.key], one, aliases.get(one.key))
    for one in model.properties:
        if not one.kind:
            yield f"    # {quoted(one.key)} is not declared: {one.why_not}; record.custom has it."


def _attribute(name: str, facts: Property, alias: str | None) -> Iterator[str]:
    arguments = [quoted(facts.target)] if facts.kind == "Id" else []
    arguments.append(quoted(facts.key))
    if facts.kind == "Id" and facts.many:
        arguments.append("many=True")
    if alias is not None:
        arguments.append(f"choices=get_args({alias})")
    if facts.sensitive:
        arguments.append("sensitive=True")
    typed = f"custom.{facts.kind}[{alias}]" if alias else f"custom.{facts.kind}"
    yield from calling(f"    {name} = {typed}", arguments, "")
    if facts.title:
        yield from documented(facts.title, indent=4)
