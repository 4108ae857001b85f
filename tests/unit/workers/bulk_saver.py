"""What is killed by tests/unit/bulk/test_bulk_journal.py: saves records in bulk, with a journal."""

from __future__ import annotations

import os
import sys

from kustomer_orm import Client, Conversation, custom


class Case(Conversation):
    """A conversation with a refund."""

    refund = custom.Num()


def main(journal: str, ids: list[str]) -> None:
    """Set the refund of each, and save all of them."""
    with Client(os.environ["SAVER_KEY"], base_url=os.environ["SAVER_URL"], rate_limit="off"):
        found = Case.get_many(ids)
        for record in found:
            record.refund = 1
        Case.save_all(found, journal=journal)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
