"""The rules of the house that a reader would have to remember, read off the code."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "kustomer_orm"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_MODULE = 400
LONGEST_FUNCTION = 40
BROAD = frozenset(("Exception", "BaseException"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function, its docstring left out: that is for the reader."""
    last = function.end_lineno or function.lineno
    lines = last - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def imports_inside(tree: ast.AST) -> list[int]:
    return [
        node.lineno
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]


def broad_handlers(tree: ast.AST) -> list[int]:
    """Find handlers of everything that do not raise again."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or BROAD.intersection(caught(node.type)))
        and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
    ]


def caught(node: ast.expr) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def unfinished(source: str) -> list[int]:
    """Find the comments that put work off."""
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [
        each.start[0]
        for each in tokens
        if each.type == tokenize.COMMENT and words.search(each.string)
    ]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_one_job(path: Path) -> None:
    source = path.read_text("utf-8")
    tree = ast.parse(source)

    assert ast.get_docstring(tree), "the first line says the job"
    assert len(source.splitlines()) <= LONGEST_MODULE
    long = {each.name: length(each) for each in functions(tree) if length(each) > LONGEST_FUNCTION}
    assert long == {}
    assert imports_inside(tree) == []
    assert broad_handlers(tree) == []
    assert unfinished(source) == []


@pytest.mark.parametrize("path", TESTS, ids=name_of)
def test_a_test_module_is_finished_and_waits_for_nothing(path: Path) -> None:
    source = path.read_text("utf-8")
    sleeping = [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}
    ]

    assert unfinished(source) == []
    # A simulation of people and programs has real time pass: it is what is measured there.
    assert sleeping == [] or "benchmarks" in path.parts


def test_test_modules_are_named_uniquely_and_lie_in_no_package() -> None:
    names = [path.name for path in TESTS if path.name.startswith("test_")]
    packages = [name_of(path) for path in TESTS if path.name == "__init__.py"]

    assert sorted(set(names)) == sorted(names)
    assert [
        each for each in packages if "/benchmarks/" not in each and "/oracle/" not in each
    ] == []


def test_no_module_is_called_after_nothing() -> None:
    nameless = {"utils.py", "helpers.py", "misc.py", "common.py"}
    bases = {name_of(path) for path in MODULES if path.name == "base.py"}

    assert [name_of(path) for path in MODULES if path.name in nameless] == []
    assert bases <= {"kustomer_orm/attributes/base.py"}


@pytest.mark.parametrize(
    ("source", "finder"),
    [
        ("def f():\n    import os\n", imports_inside),
        ("class A:\n    def f(self):\n        from os import path\n", imports_inside),
        ("try:\n    pass\nexcept:\n    pass\n", broad_handlers),
        ("try:\n    pass\nexcept Exception:\n    pass\n", broad_handlers),
        (
            "try:\n    pass\nexcept (ValueError, BaseException) as e:\n    print(e)\n",
            broad_handlers,
        ),
    ],
)
def test_the_finders_find(source: str, finder: object) -> None:
    assert callable(finder)
    assert finder(ast.parse(source)) != []


def test_put_off_work_is_found_and_text_is_not_taken_for_it() -> None:
    assert unfinished("x = 1  # TODO: later\n") == [1]
    assert unfinished("x = 'TODO'\n") == []


def test_a_function_is_measured_without_its_docstring() -> None:
    tree = ast.parse('def f():\n    """One\n\n    two.\n    """\n    return 1\n')

    assert [length(each) for each in functions(tree)] == [2]
