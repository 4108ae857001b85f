"""Notes refunds: a job as one writes it with this library. Killed half-way, it is run again."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from kustomer_orm import Client, Conversation, custom
from kustomer_orm.errors import NotFoundError


class Ticket(Conversation):
    order_number = custom.Str()
    refund = custom.Num("refundAmountNum")
    refunded_at = custom.At()


def work(rows: Iterable[dict[str, Any]], tag: str) -> None:
    """Note each refund on its ticket, and open a follow-up for it; `tag` is a tag's id."""
    for row in rows:
        ticket = Ticket.get(row["ticket"])
        ticket.name = f"Refund for order {row['order']}"
        ticket.status = "done"
        ticket.order_number = row["order"]
        ticket.refund = row["refund"]
        ticket.refunded_at = datetime.fromisoformat(row["at"])
        if tag not in ticket.tags:
            ticket.tags.append(tag)
        ticket.save()
        open_follow_up(ticket, f"follow-up-{row['order']}")


def open_follow_up(ticket: Ticket, key: str) -> None:
    """Create a conversation once, however often this is called."""
    try:
        Ticket.get_by(external_id=key)
    except NotFoundError:
        Ticket.create(customer=ticket.customer, external_id=key, name="Has the refund arrived?")


def main() -> None:
    job = json.load(sys.stdin)
    with Client.from_env():
        work(job["rows"], job["tag"])


if __name__ == "__main__":
    main()
