"""What is public is sorted, complete, documented, and shown by an example that runs."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import kustomer_orm
from kustomer_orm import Record, attributes, custom, emulator, errors, forms, webhooks
from kustomer_orm.attributes import Attribute
from kustomer_orm.contrib import django, flask

SOURCE = Path(kustomer_orm.__file__).parent
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
FACES = [kustomer_orm, attributes, custom, django, emulator, errors, flask, forms, webhooks]


def exported(module: ModuleType) -> list[str]:
    names: list[str] = module.__all__
    return names


def own(module: ModuleType) -> set[str]:
    """Name what a module defines itself and does not hide."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    }


@pytest.mark.parametrize("module", FACES, ids=lambda module: str(module.__name__))
def test_exports_are_sorted_unique_and_there(module: ModuleType) -> None:
    names = exported(module)

    assert names == sorted(set(names), key=lambda name: (not name.isupper(), name.islower(), name))
    assert [name for name in names if not hasattr(module, name)] == []


def test_every_name_that_the_root_imports_is_exported() -> None:
    tree = ast.parse((SOURCE / "__init__.py").read_text("utf-8"))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert imported == set(exported(kustomer_orm))


def test_every_kind_of_attribute_is_exported() -> None:
    kinds = {cls.__name__ for cls in public_kinds(Attribute) if "custom" not in cls.__module__}

    assert kinds == set(exported(attributes)) - {"Attribute"}


def public_kinds(cls: type[Any]) -> set[type[Any]]:
    """List the subclasses of the library itself: other tests declare kinds of their own."""
    found: set[type[Any]] = set()
    for kind in cls.__subclasses__():
        found |= public_kinds(kind)
        if kind.__module__.startswith("kustomer_orm.") and not kind.__name__.startswith("_"):
            found.add(kind)
    return found


def test_there_is_one_custom_class_for_each_suffix() -> None:
    assert set(custom.SUFFIXES) <= set(exported(custom))
    for suffix in custom.SUFFIXES:
        assert getattr(custom, suffix).suffix == suffix


# -- errors --------------------------------------------------------------------------------------


def error_classes() -> list[type[BaseException]]:
    return [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, BaseException)
    ]


def test_every_error_is_exported_and_ours() -> None:
    assert own(errors) == set(exported(errors))
    assert all(issubclass(error, errors.KustomerError) for error in error_classes())


def drawn() -> dict[str, tuple[str, list[str]]]:
    """Read the tree of the module's docstring: class to its parent and the builtins beside it."""
    found: dict[str, tuple[str, list[str]]] = {}
    path: list[str] = []
    line_of_a_class = re.compile(r"^    ([│├└─ ]*)(\w+(?:Error))(?: \((\w+(?:, \w+)*)\))?(?:\s|$)")
    for line in (errors.__doc__ or "").splitlines():
        match = line_of_a_class.match(line)
        if match is None or not (match[1] or match[2] == "KustomerError"):
            continue
        depth = len(match[1]) // 4
        path[depth:] = [match[2]]
        builtins = match[3].split(", ") if match[3] else []
        found[match[2]] = (path[depth - 1] if depth else "", builtins)
    return found


def test_the_tree_of_the_docstring_is_the_tree_of_the_classes() -> None:
    tree = drawn()

    assert set(tree) == {error.__name__ for error in error_classes()}
    for error in error_classes():
        parent, builtins = tree[error.__name__]
        names = [base.__name__ for base in error.__bases__]
        assert names == [each for each in (parent or "Exception", *builtins) if each]


def test_no_error_takes_the_name_of_a_builtin() -> None:
    assert {error.__name__ for error in error_classes()}.isdisjoint(
        vars(importlib.import_module("builtins"))
    )


# -- docstrings ----------------------------------------------------------------------------------


def public_things() -> list[tuple[str, Any]]:
    return [
        (f"{module.__name__}.{name}", getattr(module, name))
        for module in FACES
        for name in exported(module)
        if inspect.isclass(getattr(module, name)) or inspect.isfunction(getattr(module, name))
    ]


@pytest.mark.parametrize(
    ("name", "thing"), public_things(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_public_name_says_what_it_is(name: str, thing: Any) -> None:
    doc = thing.__dict__.get("__doc__") if inspect.isclass(thing) else thing.__doc__
    doc = inspect.cleandoc(doc or "")

    first, _, rest = doc.partition("\n")
    assert first, name
    assert first[-1] in ".:?", f"{name}: the first line is a sentence"
    assert not rest or rest.startswith("\n"), f"{name}: a blank line after the first"


def public_members() -> list[tuple[str, Any]]:
    return [
        (f"{thing.__qualname__}.{name}", member)
        for _, thing in public_things()
        if inspect.isclass(thing) and thing.__module__.startswith("kustomer_orm")
        for name, member in vars(thing).items()
        if not name.startswith("_")
        and isinstance(member, (property, classmethod, staticmethod, type(public_members)))
        and is_ours(member)
    ]


def is_ours(member: Any) -> bool:
    """Tell what we have written from what a framework puts into our classes."""
    function = member.fget if isinstance(member, property) else member
    return str(function.__module__).startswith("kustomer_orm")


@pytest.mark.parametrize(
    ("name", "member"), public_members(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_public_method_says_what_it_gives(name: str, member: Any) -> None:
    assert (member.__doc__ or "").strip(), name


@pytest.mark.parametrize(
    "name", [name for name in exported(kustomer_orm) if inspect.isclass(vars(kustomer_orm)[name])]
)
def test_a_public_class_shows_an_example_that_runs(name: str) -> None:
    thing = getattr(kustomer_orm, name)
    examples = doctest.DocTestFinder(recurse=False).find(thing, name, globs=names_of(thing))

    assert [example for found in examples for example in found.examples] != []
    for found in examples:
        runner = doctest.DocTestRunner(verbose=False, optionflags=OPTIONS)
        runner.run(found)
        assert runner.summarize(verbose=False).failed == 0


def names_of(thing: Any) -> dict[str, Any]:
    """Give an example the names of its module, as doctest does, and those of the root."""
    return {**vars(kustomer_orm), **vars(importlib.import_module(thing.__module__))}


def test_every_resource_has_a_file_of_its_own_and_is_exported() -> None:
    for path in sorted((SOURCE / "resources").glob("*.py")):
        module = importlib.import_module(f"kustomer_orm.resources.{path.stem}")
        made_here = {
            name: cls
            for name, cls in vars(module).items()
            if not name.startswith("_")
            and inspect.isclass(cls)
            and issubclass(cls, Record)
            and cls.__module__ == module.__name__
        }

        assert made_here or path.stem == "__init__"
        named = {name.lower() for name in made_here}
        assert path.stem.replace("_", "") in named or path.stem == "__init__"
        assert {getattr(kustomer_orm, name) for name in made_here} == set(made_here.values())
