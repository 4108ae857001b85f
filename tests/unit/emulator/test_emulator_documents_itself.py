"""The emulator's own documentation: every switch explained, every example true."""

import doctest
from dataclasses import fields
from inspect import getdoc
from types import ModuleType

import pytest

from kustomer_orm.emulator import Behaviour, Exchange, faults, server, world


@pytest.mark.parametrize("switch", [each.name for each in fields(Behaviour)])
def test_every_switch_is_explained(switch: str) -> None:
    assert f"\n    {switch}: " in (getdoc(Behaviour) or "")


@pytest.mark.parametrize("name", [each.name for each in fields(Exchange)])
def test_every_part_of_an_exchange_is_explained(name: str) -> None:
    assert f"\n    {name}: " in (getdoc(Exchange) or "")


@pytest.mark.parametrize("module", [faults, server, world])
def test_examples_are_true(module: ModuleType) -> None:
    failed, tried = doctest.testmod(module)

    assert tried > 0
    assert failed == 0
