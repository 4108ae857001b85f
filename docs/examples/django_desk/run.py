"""Starts the desk: `python run.py --port 8000`, with an emulator of Kustomer unless you name one.

With KUSTOMER_BASE_URL (or KUSTOMER_ORG) and KUSTOMER_API_KEY in the environment it is that
Kustomer's desk; with KUSTOMER_WEBHOOK_KEY it takes webhooks at `POST /kustomer/webhook/`.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import random
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import django
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from kustomer_orm.emulator import Emulator

EVENTS = ("kustomer.conversation.create", "kustomer.conversation.update")


def main() -> None:
    """Serve until somebody ends it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        os.environ.setdefault("DESK_DATABASE", str(Path(folder) / "desk.sqlite3"))
        os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
        if "KUSTOMER_BASE_URL" in os.environ or "KUSTOMER_ORG" in os.environ:
            prepare()
            print("The Kustomer of this desk is the one that the environment names.")
        else:
            demo(stack.enter_context(Emulator()), port)
        # Your own server goes here, such as gunicorn with project.wsgi:application.
        server = ThreadedWSGIServer(("127.0.0.1", port), WSGIRequestHandler)
        stack.callback(server.server_close)
        server.set_app(StaticFilesHandler(WSGIHandler()))
        print(f"Desk: http://127.0.0.1:{port}/", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


def prepare() -> None:
    """Set Django up, and make the tables."""
    django.setup(set_prefix=False)
    call_command("migrate", verbosity=0)


def demo(kustomer: Emulator, port: int) -> None:
    """Make a desk on an emulator with some 65 conversations, and a colleague to play with."""
    fill(kustomer)
    hook = kustomer.webhooks.add(f"http://127.0.0.1:{port}/kustomer/webhook/", *EVENTS)
    os.environ |= {
        "KUSTOMER_BASE_URL": kustomer.url,
        "KUSTOMER_API_KEY": kustomer.api_key,
        "KUSTOMER_WEBHOOK_KEY": hook.token,
    }
    prepare()
    os.environ["DJANGO_SUPERUSER_PASSWORD"] = "admin"
    call_command("createsuperuser", "--noinput", username="admin", email="", verbosity=0)
    page = path("colleague/<str:id>/", playing_colleague(kustomer), name="colleague")
    importlib.import_module("project.urls").urlpatterns.append(page)
    print("No KUSTOMER_BASE_URL is set: this is a made-up Kustomer, gone when you end it.")
    print("Open a conversation, change its name, and press 'Play a colleague' before you save.")
    print(f"Admin: http://127.0.0.1:{port}/admin/, as admin with the password admin.")


def playing_colleague(kustomer: Emulator) -> Callable[..., HttpResponse]:
    """Make a page that changes a conversation as a colleague does in Kustomer itself."""

    @require_POST
    def colleague(request: HttpRequest, id: str) -> HttpResponse:
        users = kustomer.world.ids("user")
        [tom] = [each for each in users if named(kustomer, each).startswith("Tom")]
        name = f"Tom was here ({random.randrange(1000)})"
        kustomer.world.edit("conversation", id, by=tom, name=name, priority=5)
        return render(request, "desk/colleague.html", {"name": name})

    return colleague


def named(kustomer: Emulator, id_: str) -> str:
    """Give the name of a user."""
    return kustomer.world.get("user", id_)["attributes"].get("name", "")


def fill(kustomer: Emulator) -> None:
    """Add records to those of the demo."""
    kustomer.seed_demo()
    chance = random.Random(5)
    users = kustomer.world.ids("user")
    for number in range(1, 61):
        person = (
            chance.choice(("Jane", "Omar", "Lin", "Eva", "Raj")) + f" {chance.choice('ABCDE')}."
        )
        custom = {
            "orderNumberStr": f"A-{1000 + number}",
            "refundAmountNum": chance.randrange(500) / 10,
            "vipBool": chance.random() < 0.2,
            "carrierStr": chance.choice(("DHL", "UPS", "Hermes")),
        }
        what = chance.choice(("Mug", "Lamp", "Chair", "Invoice", "Parcel"))
        which = chance.choice(("arrived broken", "is late", "is the wrong one", "is missing"))
        kustomer.world.add(
            "conversation",
            name=f"{what} {which}",
            customer=kustomer.world.add("customer", name=person),
            status=chance.choice(("open", "open", "snoozed", "done")),
            priority=chance.randint(1, 5),
            tags=chance.sample(("damaged", "invoice", "gold", "stock"), chance.randint(0, 2)),
            assignedUsers=[chance.choice(users)],
            custom=custom,
        )


if __name__ == "__main__":
    main()
