"""The page on Celery, followed to the letter: its `tasks.py`, a real worker and a real Redis."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kustomer_orm.emulator import Emulator, Fault
from tests.unit.redis_process import RedisProcess, needs_redis

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "howto" / "celery.md").read_text("utf-8")

needs_celery = pytest.mark.skipif(
    shutil.which("celery", path=str(Path(sys.executable).parent)) is None,
    reason="Celery is not installed: pip install 'celery[redis]'",
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the page's tasks.py."""
    (program,) = re.findall(r"```python\n(# tasks\.py\n.*?)```", PAGE, re.DOTALL)
    (tmp_path / "tasks.py").write_text(program, "utf-8")
    return tmp_path


@pytest.fixture
def environ(server: Emulator, tmp_path: Path) -> Iterator[dict[str, str]]:
    redis = RedisProcess(tmp_path)
    redis.start()
    budget = redis.url.removesuffix("/0") + "/1"
    yield {
        **os.environ,
        "KUSTOMER_API_KEY": server.api_key,
        "KUSTOMER_BASE_URL": server.url,
        "BROKER": redis.url,
        "BUDGET": budget,
        "PYTHONPATH": str(ROOT),
    }
    redis.kill()


@contextlib.contextmanager
def worker(place: Path, environ: dict[str, str]) -> Iterator[Path]:
    """Run the page's worker; give its log."""
    log = place / "worker.log"
    command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", "--concurrency", "2"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--loglevel", "INFO"], cwd=place, env=environ, stdout=out, stderr=out
        )
        try:
            yield log
        finally:
            process.terminate()
            process.wait(timeout=60)


def send(place: Path, environ: dict[str, str], id_: str) -> None:
    """Send a task with the page's own line."""
    (line,) = re.findall(r'^python -c "(.*)"$', PAGE, re.MULTILINE)
    words = line.replace("58228e05d4e96711004eccb7", id_)
    subprocess.run([sys.executable, "-c", words], cwd=place, env=environ, check=True, timeout=60)


@needs_redis
@needs_celery
def test_the_page_s_task_is_done_and_put_back_where_the_budget_is_spent(
    server: Emulator, place: Path, environ: dict[str, str]
) -> None:
    id_ = server.world.add("conversation", status="open")
    server.faults.add(Fault.status(429, method="PATCH", headers={"Retry-After": "1"}, times=1))
    with worker(place, environ) as log:
        send(place, environ, id_)

        # A read and a refused save; then the snapshot is saved, without another read.
        assert server.wait_for(3, timeout=60), log.read_text("utf-8", "replace")

    assert [each.method for each in server.requests] == ["GET", "PATCH", "PATCH"]
    stored = server.world.get("conversation", id_)["attributes"]
    assert (stored["status"], stored["custom"]["refundAmountNum"]) == ("done", 12.5)
    told = log.read_text("utf-8", "replace")
    assert "Retry in" in told
    assert server.api_key not in told
