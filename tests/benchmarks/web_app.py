"""The Flask desk as gunicorn serves it in `web_load.py`, with a page that tells about its process.

`GET /__process` gives the process's id, its threads, its open files and its clients: what a leak
would make grow.
"""

import gc
import os
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "examples" / "flask_desk"))

from desk import create_app  # type: ignore[import-not-found] # pyright: ignore[reportMissingImports]

from kustomer_orm import Client


def app() -> Any:
    """Make the app; gunicorn calls it in each worker."""
    desk = create_app()
    answer = desk.wsgi_app

    def wsgi_app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/__process":
            return answer(environ, start_response)  # type: ignore[no-any-return]
        start_response("200 OK", [("Content-Type", "application/json")])
        return [process().encode()]

    desk.wsgi_app = wsgi_app
    return desk


def process() -> str:
    """Say in JSON how much this process holds."""
    gc.collect()
    clients = sum(1 for each in gc.get_objects() if isinstance(each, Client))
    files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - only their number counts
    counts = {"threads": threading.active_count(), "files": files, "clients": clients}
    pairs = ", ".join(f'"{name}": {count}' for name, count in counts.items())
    return f'{{"pid": {os.getpid()}, {pairs}}}'
