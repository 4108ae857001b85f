"""What is installed: the package alone, quiet, typed, and with the metadata that it promises."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from importlib.metadata import distribution, requires
from pathlib import Path

import pytest

import kustomer_orm

FOLDER = Path(kustomer_orm.__file__).parent


def run(program: str) -> str:
    """Run a program in an interpreter of its own, and give what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def imported() -> set[str]:
    """The modules that `import kustomer_orm` brings in."""
    found = json.loads(run("import json, sys, kustomer_orm; print(json.dumps(list(sys.modules)))"))
    return {name.partition(".")[0] for name in found}


def test_importing_brings_in_no_extra(imported: set[str]) -> None:
    extras = {"click", "rich", "werkzeug", "jsonschema", "pytest", "flask", "django", "redis"}

    assert imported & extras == set()
    assert {"requests", "marshmallow", "cachetools"} <= imported


def test_importing_loads_neither_the_emulator_nor_the_command_line() -> None:
    found = json.loads(run("import json, sys, kustomer_orm; print(json.dumps(list(sys.modules)))"))
    unwanted = {"kustomer_orm.emulator", "kustomer_orm.cli", "kustomer_orm.pytest_plugin"}

    assert unwanted & set(found) == set()


def test_importing_talks_to_nobody() -> None:
    program = """
import socket

def refuse(*args, **options):
    raise AssertionError("the import opened a socket")

socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
import kustomer_orm
print("quiet")
"""
    assert run(program) == "quiet\n"


def test_importing_sets_up_no_logging() -> None:
    program = """
import logging, warnings
before = list(logging.root.handlers), logging.root.level, list(warnings.filters)
import kustomer_orm
ours = [log for name, log in logging.root.manager.loggerDict.items()
        if name.startswith("kustomer_orm") and isinstance(log, logging.Logger)]
assert before[:2] == (list(logging.root.handlers), logging.root.level)
assert all(log.level == logging.NOTSET and log.propagate and not log.disabled for log in ours)
assert all(isinstance(each, logging.NullHandler) for log in ours for each in log.handlers)
print(len(ours))
"""
    assert int(run(program)) >= 1


def test_importing_leaves_the_collector_the_hooks_and_the_signals_alone() -> None:
    program = """
import gc, signal, sys, threading
def state():
    kinds = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    return gc.get_threshold(), gc.isenabled(), sys.excepthook, threading.active_count(), kinds
before = state()
import kustomer_orm
assert before == state()
print("untouched")
"""
    assert run(program) == "untouched\n"


@pytest.mark.parametrize("blocked", ["", "sys.modules['orjson'] = None"])
def test_json_is_read_and_written_with_and_without_orjson(blocked: str) -> None:
    program = f"""
import sys
{blocked}
from kustomer_orm import Client, Conversation, custom, jsonapi
from kustomer_orm.emulator import Emulator

class Support(Conversation):
    refund = custom.Num("refundAmountNum")

with Emulator() as server, Client(server.api_key, base_url=server.url) as client:
    id_ = server.world.add("conversation", name="Grüße", custom={{"refundAmountNum": 1.5}})
    conversation = Support.get(id_)
    conversation.name, conversation.refund = "Ünïcode", 12.5
    conversation.save()
    print(server.requests[-1].raw.decode())
    client.close()
print(sys.modules.get("orjson") is not None and jsonapi.loads is sys.modules["orjson"].loads)
"""
    sent, by_orjson = run(program).splitlines()

    assert sent == '{"name":"Ünïcode","custom":{"refundAmountNum":12.5}}'
    assert by_orjson == str(not blocked)


@pytest.mark.parametrize("missing", ["werkzeug", "jsonschema"])
def test_without_the_emulators_extra_the_library_works_and_the_plugin_is_silent(
    missing: str,
) -> None:
    program = f"""
import sys
sys.modules[{missing!r}] = None
import kustomer_orm, kustomer_orm.pytest_plugin
print(kustomer_orm.Conversation(customer="58210c3db0f09110006b7953").changes["customer"].new.id)
"""
    assert run(program) == "58210c3db0f09110006b7953\n"


# -- what the installed distribution says --------------------------------------------------------


def test_the_package_is_typed() -> None:
    assert (FOLDER / "py.typed").is_file()


def test_every_entry_point_is_there() -> None:
    points = {point.name: point for point in distribution("kustomer_orm").entry_points}

    assert {point.group for point in points.values()} == {"console_scripts", "pytest11"}
    assert points["kustomer_orm"].load().__name__ == "kustomer_orm.pytest_plugin"
    assert callable(points["kustomer-orm"].load())


def test_no_dependency_has_an_upper_bound() -> None:
    wanted = requires("kustomer_orm") or []

    assert wanted != []
    assert [each for each in wanted if re.search(r"<|==|~=|!=", each.partition(";")[0])] == []


def test_the_core_needs_three_packages_and_python_311() -> None:
    core = {
        re.split(r"[ >=\[;(]", each, maxsplit=1)[0]
        for each in requires("kustomer_orm") or []
        if "extra ==" not in each
    }

    assert core == {"requests", "marshmallow", "cachetools"}
    assert distribution("kustomer_orm").metadata["Requires-Python"] == ">=3.11"


def test_the_data_of_the_emulator_is_in_the_package() -> None:
    module = importlib.import_module("kustomer_orm.emulator.rules")

    for name in ("conversation", "customer", "user", "roles", "shared"):
        assert isinstance(module.data(name), dict)
