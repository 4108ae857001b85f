"""Runs the job in a process of its own for each line it reads; importing it once saves seconds.

A line is a job, with the environment it is to run in. What comes back is the process's id, and
when it has ended its exit status, negative where a signal ended it.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any

from kustomer_orm import Client
from tests.unit.workers import refunds


def run(job: dict[str, Any]) -> None:
    """Work in the child, and end it without coming back."""
    status = 1
    try:
        os.environ.update(job["environ"])
        with Client.from_env():
            refunds.work(job["rows"], job["tag"])
        status = 0
    finally:
        if status:
            traceback.print_exc()
        os._exit(status)


for line in sys.stdin:
    child = os.fork()
    if child == 0:
        run(json.loads(line))
    sys.stdout.write(f"{child}\n")
    sys.stdout.flush()
    _, ended = os.waitpid(child, 0)
    sys.stdout.write(f"{os.waitstatus_to_exitcode(ended)}\n")
    sys.stdout.flush()
