"""Any sequence of edits, saves, failures, refreshes, foreign writes: only the difference goes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test
from oracle.lab import Lab, standing_clock
from oracle.machine import machine_in

from kustomer_orm.emulator import Emulator


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Emulator(clock=standing_clock) as server:
        made = Lab.around(server)
        yield made
        made.client.close()


def test_what_crosses_the_wire_is_exactly_the_difference(lab: Lab) -> None:
    machine = machine_in(lab)
    chosen = os.environ.get("KUSTOMER_PROPERTY_SEED")
    if chosen is not None:
        machine = seed(int(chosen))(machine)
    started, busy = time.perf_counter(), time.process_time()
    try:
        run_state_machine_as_test(machine, settings=settings.get_profile("kustomer"))
    finally:
        took, busy = time.perf_counter() - started, time.process_time() - busy
        each = 1000 * busy / max(lab.examples, 1)
        print(  # noqa: T201 - the figures that the closing note of a run quotes
            f"\n{lab.examples} examples, {lab.steps} steps, {lab.requests} requests checked in "
            f"{took:.0f} s ({each:.0f} ms of processor time each): "
            f"{', '.join(f'{count} {what}' for what, count in lab.outcomes.most_common())}"
        )
