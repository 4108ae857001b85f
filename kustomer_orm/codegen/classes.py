"""Which class stands for which type, and what it is called."""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterable, Sequence

from kustomer_orm import resources
from kustomer_orm.metadata import snake
from kustomer_orm.reflection import Model

# What a generated module imports; a class of the same name would hide it.
IMPORTED = frozenset(("Literal", "TypeAlias", "get_args", "kustomer_orm", "custom"))

_BASES = {cls.type: name for name in resources.__all__ if (cls := getattr(resources, name)).type}


def base_of(model: Model) -> str:
    """Give the name of the class in `kustomer_orm` that a model's class is made from."""
    return "KObject" if model.klass else _BASES[model.type]


def class_names(models: Sequence[Model]) -> dict[str, str]:
    """Give each type a class name, which depends on the types alone.

    A klass whose name is another's too, or a standard type's, is called an object: `OrderObject`.

    >>> class_names([Model("customer", "", ()), Model("kobject.call_back", "Call back", ())])
    {'customer': 'Customer', 'kobject.call_back': 'CallBack'}
    """
    short = {model.type: pascal(model.klass) if model.klass else base_of(model) for model in models}
    shared = Counter(short.values())
    names: dict[str, str] = {}
    for model in models:
        name = short[model.type]
        if model.klass and (shared[name] > 1 or name in _BASES.values()):
            name += "Object"
        names[model.type] = _free(name, [*names.values(), *IMPORTED])
    return names


def pascal(name: str) -> str:
    """Give a name as a class has it.

    >>> pascal("call_back-request"), pascal("2nd"), pascal("none")
    ('CallBackRequest', 'Klass2nd', 'NoneKlass')
    """
    joined = "".join(word[:1].upper() + word[1:] for word in snake(name).split("_"))
    joined = joined if joined.isidentifier() else f"Klass{joined}"
    return f"{joined}Klass" if keyword.iskeyword(joined) else joined


def _free(name: str, taken: Iterable[str]) -> str:
    known = set(taken)
    while name in known:
        name += "_"
    return name
