"""Find out where a contender's answers are wrong, so that its figures can be read with care.

Nothing here is timed. Each finding is a sentence drawn from what the contender did with one page.
"""

from speed.contenders.contender import NEW_TAG, Tracker


def findings(contender: Tracker, page: bytes) -> list[str]:
    """Give a sentence for each thing that the contender got wrong with this page."""
    found = (
        _dirty_when_loaded(contender, page),
        _dirty_when_read(contender, page),
        _append_unseen(contender, page),
        _undone_edit_sent(contender, page),
    )
    return [sentence for sentence in found if sentence]


def _dirty_when_loaded(contender: Tracker, page: bytes) -> str | None:
    answers = contender.dirty(contender.hydrate(page))
    if not any(answers):
        return None
    return f"{sum(answers)} of {len(answers)} records are dirty as soon as they are loaded"


def _dirty_when_read(contender: Tracker, page: bytes) -> str | None:
    records = contender.hydrate(page)
    contender.read(records)
    answers = contender.dirty(records)
    if not any(answers):
        return None
    names = ", ".join(
        sorted({name for body in contender.delta(records) for name in contender.sent(body)})
    )
    return (
        f"reading marks {sum(answers)} of {len(answers)} records dirty; a save would send {names}"
    )


def _append_unseen(contender: Tracker, page: bytes) -> str | None:
    records = contender.hydrate(page)
    for record in records:
        contender.tags(record).append(NEW_TAG)
    missed = contender.dirty(records).count(False)
    if not missed:
        return None
    return (
        f"an append to the tags goes unseen in {missed} of {len(records)} records "
        "(the timed edit assigns a new list instead)"
    )


def _undone_edit_sent(contender: Tracker, page: bytes) -> str | None:
    records = contender.hydrate(page)
    for record in records:
        contender.tags(record).append(NEW_TAG)
        contender.tags(record).remove(NEW_TAG)
    answers = contender.dirty(records)
    if not any(answers):
        return None
    return f"an edit taken back leaves {sum(answers)} of {len(answers)} records dirty"
