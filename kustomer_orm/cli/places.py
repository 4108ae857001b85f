"""Where a command may write, found out before anything is sent."""

from __future__ import annotations

from pathlib import Path

from kustomer_orm.cli.failing import BadInputError


def check_writable(place: Path) -> None:
    """Refuse a place where no file can be written; what is there stays as it is.

    Raises:
        BadInputError: its folder is not there, it is a folder itself, or it may not be written.
    """
    was_there = place.exists()
    try:
        place.open("ab").close()
        if not was_there:
            place.unlink()
    except OSError as error:
        raise BadInputError(f"{place} cannot be written: {error.strerror or error}") from None
