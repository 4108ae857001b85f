"""What views say often."""

from __future__ import annotations

from typing import TypeVar

from django.http import Http404

from kustomer_orm.errors import InvalidValueError, NotFoundError
from kustomer_orm.records import Bound, Record

R = TypeVar("R", bound=Record)


def get_record_or_404(record: type[R] | Bound[R], id: str) -> R:
    """Load a record, or raise `Http404` where it is not there or the id cannot be one.

    `get_record_or_404(Conversation, id)` asks the request's client, or another one by
    `Conversation.using(clients["other"])`. One request.
    """
    try:
        return record.get(id)
    except (NotFoundError, InvalidValueError) as error:
        raise Http404("No such record.") from error
