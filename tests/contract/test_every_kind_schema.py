"""`schema()` is as strict as assignment, and no stricter, for every attribute kind."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import KustomerError
from tests.contract.faces import Face, typed
from tests.contract.kinds import CASES, Case, Everything

pytestmark = pytest.mark.usefixtures("client")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_schema_loads_what_assignment_takes(server: Emulator, case: Case) -> None:
    """Design, section 4: views load a request body and `assign` it."""
    schema = Everything.schema(only=[case.name], partial=True)
    face = Face(server, case, "declared")

    for wire, value in ((case.wire, case.value), (case.other_wire, case.other)):
        loaded = schema.load({case.name: wire})
        assert loaded == {case.name: value}
        face.load()
        face.record.assign(**loaded)
        assert typed(face.record.plan().requests[0].body) == typed(case.body(wire))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_schema_refuses_what_assignment_refuses(server: Emulator, case: Case) -> None:
    """Pitfall 68: one strictness, whichever way a value comes."""
    schema = Everything.schema(only=[case.name], partial=True)
    face = Face(server, case, "declared")
    face.load()
    assert case.unloadable

    for value in case.unloadable:
        with pytest.raises(ValidationError) as caught:
            schema.load({case.name: value})
        assert isinstance(caught.value.messages, dict)
        assert list(caught.value.messages) == [case.name]
        with pytest.raises(KustomerError):
            face.assign(value)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_schema_takes_null_where_assignment_does(case: Case) -> None:
    """Pitfall 62."""
    schema = Everything.schema(only=[case.name], partial=True)

    if case.nullable:
        assert schema.load({case.name: None}) == {case.name: None}
    else:
        with pytest.raises(ValidationError):
            schema.load({case.name: None})


def test_the_schema_fills_nothing_in_and_refuses_unknown_keys() -> None:
    """Pitfalls 44 and 59."""
    schema = Everything.schema(partial=True)

    assert schema.load({}) == {}
    with pytest.raises(ValidationError, match="nmae"):
        schema.load({"nmae": "a"})
    with pytest.raises(ValidationError, match="message_count"):
        schema.load({"message_count": 1})
