"""What every error of the tree must do; the suite walks the tree, so a new one is in it at once."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from collections.abc import Iterator
from typing import Any

import pytest

import kustomer_orm
from kustomer_orm import Client, Conversation, errors
from kustomer_orm.emulator import Emulator, Fault

ID = "5f0000000000000000000001"


def tree(root: type[errors.KustomerError]) -> Iterator[type[errors.KustomerError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child)


ALL = list(dict.fromkeys(tree(errors.KustomerError)))
API = [kind for kind in ALL if issubclass(kind, errors.APIError)]


def example(kind: type[errors.KustomerError]) -> Any:
    """Make one with every fact that its class takes."""
    facts: dict[str, Any] = {
        "status": 418,
        "method": "PATCH",
        "path": "/v1/conversations/x",
        "details": [errors.ErrorDetail("badparam", "Bad", "/properties/x", "x")],
        "retry_after": 1.5,
        "attempts": 3,
        "attribute": "Conversation.name",
        "expected": "a string",
        "got": "5",
        "errors": [errors.InvalidValueError("inner", attribute="a")],
        "suggestion": "name",
    }
    takes = inspect.signature(kind.__init__).parameters if "__init__" in dir(kind) else {}
    return kind("what happened", **{name: facts[name] for name in takes if name in facts})


@pytest.mark.parametrize("kind", ALL)
def test_an_error_is_public_documented_and_drawn_in_the_tree_below_its_parent(
    kind: type[errors.KustomerError],
) -> None:
    assert kind.__name__ in errors.__all__
    assert kind.__name__.endswith("Error")
    assert kind.__doc__
    assert kind.__doc__ is not kind.__mro__[1].__doc__
    lines = (errors.__doc__ or "").splitlines()
    depth = {}
    for line in lines:
        found = re.match(r"([ │├└─]*)(\w+Error)\b", line)
        if found:
            depth[found[2]] = len(found[1])
    assert kind.__name__ in depth, "drawn in the docstring of errors.py"
    if kind is not errors.KustomerError:
        parent = next(base for base in kind.__mro__[1:] if base in ALL)
        names = list(depth)
        above = names[: names.index(kind.__name__)]
        nearest = [name for name in above if depth[name] < depth[kind.__name__]][-1]
        assert nearest == parent.__name__
    builtin = [base.__name__ for base in kind.__bases__ if base.__module__ == "builtins"]
    drawn = next(line for line in lines if re.search(rf"[ ─]{kind.__name__}\b", f" {line}"))
    assert all(name in drawn for name in builtin if name != "Exception")


def test_the_tree_in_the_docstring_and_the_exports_name_no_error_that_is_not_there() -> None:
    names = {kind.__name__ for kind in ALL}
    drawn = set(re.findall(r"^[ │├└─]*(\w+Error)\b", errors.__doc__ or "", re.MULTILINE))
    assert drawn == names
    assert set(errors.__all__) == names | {"ErrorDetail", "FieldConflict"}
    assert kustomer_orm.errors is errors


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_survives_pickle_and_copy_with_its_facts(
    kind: type[errors.KustomerError], protocol: int
) -> None:
    error = example(kind)
    if isinstance(error, errors.APIError):
        error.attributes = {"name": "badparam"}
    facts = {key: repr(value) for key, value in vars(error).items()}
    for twin in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error)):
        assert type(twin) is kind
        assert (str(twin), twin.args) == (str(error), error.args)
        assert {key: repr(value) for key, value in vars(twin).items()} == facts


@pytest.mark.parametrize("kind", API)
def test_an_error_of_the_api_carries_its_facts(kind: type[errors.APIError]) -> None:
    error = example(kind)
    assert (error.status, error.method, error.path) == (418, "PATCH", "/v1/conversations/x")
    assert (error.code, error.retry_after, error.attempts) == ("badparam", 1.5, 3)
    assert str(error.details[0]) == "x: badparam, Bad, /properties/x"
    bare = kind("x")
    assert (bare.status, bare.code, bare.details, bare.retry_after) == (None, "", (), None)
    assert (bare.attributes, bare.result) == ({}, None)


def provoke(server: Emulator, client: Client, kind: type[errors.APIError]) -> Any:
    """Bring this error about over the wire."""
    statuses = {
        errors.BadRequestError: 400,
        errors.AuthenticationError: 401,
        errors.PermissionDeniedError: 403,
        errors.NotFoundError: 404,
        errors.ConflictError: 409,
        errors.PayloadTooLargeError: 413,
        errors.RateLimitError: 429,
        errors.ServerError: 500,
    }
    if kind in statuses:
        server.faults.add(Fault.status(statuses[kind], times=None))
        return lambda: Conversation.get(ID)
    if kind is errors.WrongRegionError:
        server.behaviour.token_pod = "prod4"
        return lambda: Conversation.get(ID)
    if kind is errors.UnexpectedAnswerError:
        server.faults.add(Fault.html(200, times=None))
        return lambda: Conversation.get(ID)
    if kind is errors.ConnectionFailedError:
        server.faults.add(Fault.cut_before(times=None))
        return lambda: Conversation.get(ID)
    if kind is errors.OutcomeUnknownError:
        server.faults.add(Fault.cut_before(times=None))
        return lambda: Conversation(id=ID, name="x").save()
    raise AssertionError(f"say here how {kind.__name__} comes about")


@pytest.mark.parametrize("kind", [kind for kind in API if kind is not errors.APIError])
def test_an_error_that_came_over_the_wire_names_the_request_and_holds_no_secret(
    server: Emulator, client: Client, kind: type[errors.APIError]
) -> None:
    call = provoke(server, client, kind)
    with pytest.raises(errors.APIError) as raised:
        call()
    error = raised.value
    assert type(error) is kind
    assert error.method in {"GET", "PATCH"}
    assert error.path == f"/v1/conversations/{ID}"
    assert error.method in str(error)
    assert error.path in str(error)
    whoami = kind is errors.AuthenticationError  # asked who we are, to tell it from a missing role
    assert error.attempts == len(server.requests) - whoami
    shown = f"{error!r} {error} {vars(error)} {error.__cause__!r} {error.__context__!r}"
    assert server.api_key not in shown
    assert server.api_key.encode() not in pickle.dumps(error)
    twin = pickle.loads(pickle.dumps(error))
    assert (type(twin), str(twin), twin.status) == (kind, str(error), error.status)
    assert not any(module.startswith(("requests", "urllib3")) for module in modules_of(error))


def modules_of(error: BaseException) -> set[str]:
    """Name the modules of everything that the error holds."""
    held = [*vars(error).values(), *error.args, error.__cause__, error.__context__]
    return {type(value).__module__ for value in held}
