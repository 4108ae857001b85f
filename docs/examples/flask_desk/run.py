"""Starts the desk: `python run.py --port 8000`.

It is a made-up Kustomer's, unless KUSTOMER_BASE_URL and KUSTOMER_API_KEY are in the environment.
With KUSTOMER_WEBHOOK_KEY it takes webhooks at `POST /kustomer/webhooks`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sys

from desk import create_app
from flask import Flask, render_template
from werkzeug.serving import make_server

from kustomer_orm.emulator import Emulator

EVENTS = ("kustomer.conversation.create", "kustomer.conversation.update")


def main() -> None:
    """Serve until somebody ends it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.ExitStack() as stack:
        if "KUSTOMER_BASE_URL" in os.environ:
            app = create_app()
            print("The Kustomer of this desk is the one that the environment names.")
        else:
            app = demo(stack.enter_context(Emulator()), port)
        # Your own server goes here: gunicorn, waitress, uWSGI.
        server = make_server("127.0.0.1", port, app, threaded=True)
        stack.callback(server.server_close)
        print(f"Desk: http://127.0.0.1:{port}/", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


def demo(kustomer: Emulator, port: int) -> Flask:
    """Make a desk on an emulator with some 65 conversations, and a colleague to play with."""
    fill(kustomer)
    hook = kustomer.webhooks.add(f"http://127.0.0.1:{port}/kustomer/webhooks", *EVENTS)
    app = create_app(
        KUSTOMER_BASE_URL=kustomer.url,
        KUSTOMER_API_KEY=kustomer.api_key,
        KUSTOMER_WEBHOOK_KEY=hook.token,
        DESK_COLLEAGUE=True,
    )

    @app.post("/colleague/<id_>")
    def colleague(id_: str) -> str:
        """Change a conversation as a colleague does in Kustomer itself."""
        users = kustomer.world.ids("user")
        [tom] = [each for each in users if named(kustomer, each).startswith("Tom")]
        name = f"Tom was here ({random.randrange(1000)})"
        kustomer.world.edit("conversation", id_, by=tom, name=name, priority=5)
        return render_template("colleague.html", name=name)

    print("No KUSTOMER_BASE_URL is set: this is a made-up Kustomer, gone when you end it.")
    print("Open a conversation, change its name, and press 'Play a colleague' before you save.")
    return app


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
