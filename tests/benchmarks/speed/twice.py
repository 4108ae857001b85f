"""Load the library twice into one process: once with orjson hidden, once with it.

Which parser the library uses is decided when it is imported. Two copies, neither of them in
``sys.modules`` afterwards, let both take their turns in the same run.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final

from speed.contenders.contender import Tracker

_MODULE: Final = "speed.contenders.kustomer_records"


def load_ours(name: str, *, with_orjson: bool) -> Tracker:
    """Make our contender, under this name, upon a copy of the library of its own."""
    with _fresh_copies(), _orjson(visible=with_orjson):
        module = importlib.import_module(_MODULE)
    contender = module.KustomerRecords(name)
    if not isinstance(contender, Tracker):
        raise TypeError(name)
    return contender


def orjson_installed() -> bool:
    """Say whether the ``speed`` extra is there to be measured."""
    return find_spec("orjson") is not None


@contextmanager
def _fresh_copies() -> Iterator[None]:
    before = _forget()
    try:
        yield
    finally:
        _forget()
        sys.modules.update(before)


def _forget() -> dict[str, ModuleType]:
    names = [n for n in sys.modules if n == _MODULE or n.partition(".")[0] == "kustomer_orm"]
    return {name: sys.modules.pop(name) for name in names}


@contextmanager
def _orjson(*, visible: bool) -> Iterator[None]:
    if visible:
        yield
        return
    before = sys.modules.pop("orjson", None)
    forbidden: Any = None  # Python's own way to forbid an import
    sys.modules["orjson"] = forbidden
    try:
        yield
    finally:
        del sys.modules["orjson"]
        if before is not None:
            sys.modules["orjson"] = before
