"""Ten thousand conversations, a thousand changed: in bulk, and beside it by hand, one PUT each.

    python tests/benchmarks/bulk.py            # 10,000, and the memory of 100,000
    python tests/benchmarks/bulk.py 2000       # fewer

Each job runs in a process of its own against an emulator in another, so that its memory and its
time are its own. The emulator answers at once; a real server takes tens of milliseconds a request,
so the requests are the figure that counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.table import Table

from kustomer_orm import Client, Conversation, custom
from kustomer_orm.emulator import Behaviour, Emulator


class Case(Conversation):
    """A conversation with a refund."""

    refund = custom.Num("refundAmountNum")


def in_bulk() -> None:
    """The ten lines of the guide."""
    with Client(os.environ["KEY"], base_url=os.environ["URL"], rate_limit="off") as client:
        with client.bulk() as bulk:
            for number, conversation in enumerate(Case.all()):
                if number % 10 == 0:
                    conversation.refund = 12.5
                bulk.save(conversation)
        bulk.result.raise_for_failures()


def by_hand() -> None:
    """The same with requests: whole pages, and a PUT for each that changes."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {os.environ['KEY']}"
    url, number = "/v1/conversations", 0
    while url:
        page = session.get(os.environ["URL"] + url, timeout=30).json()
        for one in page["data"]:
            if number % 10 == 0:
                place = f"{os.environ['URL']}/v1/conversations/{one['id']}"
                session.put(place, json={"custom": {"refundAmountNum": 12.5}}, timeout=30)
            number += 1
        url = page["links"]["next"]


JOBS = {"in_bulk": in_bulk, "by_hand": by_hand}


def run(job: str, count: int) -> dict[str, Any]:
    """Run a job in a process of its own on a fresh world; what it took."""
    behaviour = Behaviour(rate_limit=None, object_limit=None)
    with Emulator(behaviour=behaviour) as server:
        customer = server.world.add("customer", name="Jane")
        for number in range(count):
            server.world.add("conversation", customer=customer, name=f"Number {number}")
        environment = {**os.environ, "URL": server.url, "KEY": server.api_key, "JOB": job}
        done = subprocess.run(
            [sys.executable, str(Path(__file__))],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        took: dict[str, Any] = json.loads(done.stdout)
        log = server.requests
        took["requests"] = len(log)
        took["writes"] = sum(each.method != "GET" for each in log)
        took["bytes"] = sum(len(each.raw) + len(each.answer_raw or b"") for each in log)
        changed = sum(
            server.world.get("conversation", id_)["attributes"]["rev"] == 2
            for id_ in server.world.ids("conversation")
        )
        assert changed == -(-count // 10), changed
        return took


def peak_memory() -> float:
    """Give the most memory that this process had, in MB.

    Linux's own figure: `ru_maxrss` counts what the parent had before this program was loaded.
    """
    status = Path("/proc/self/status").read_text("utf-8")
    return int(next(line for line in status.splitlines() if "VmHWM" in line).split()[1]) / 1024


def child() -> None:
    """Be the process of one job."""
    start, cpu = time.perf_counter(), time.process_time()
    JOBS[os.environ["JOB"]]()
    took = {
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "peak": peak_memory(),
    }
    sys.stdout.write(json.dumps(took))


def main(count: int, more: int) -> None:
    """Print the table."""
    table = Table("job", "records", "requests", "writes", "MB on the wire", "s", "CPU s", "peak MB")
    for job, size in (("in_bulk", count), ("by_hand", count), ("in_bulk", more)):
        took = run(job, size)
        figures = (took["bytes"] / 1e6, took["seconds"], took["cpu"], took["peak"])
        shown = [f"{figure:.1f}" for figure in figures]
        table.add_row(job, f"{size:,}", str(took["requests"]), str(took["writes"]), *shown)
    Console(width=110).print(table)


if __name__ == "__main__":
    if "JOB" in os.environ:
        child()
    else:
        wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
        main(wanted, wanted * 10)
