"""Says which organisation a request is for."""

from typing import Any

from django.views.debug import SafeExceptionReporterFilter


def by_query(request: Any) -> str | None:
    org = request.GET.get("org")
    return None if org is None else str(org)


async def by_query_async(request: Any) -> str | None:
    return by_query(request)


class OwnFilter(SafeExceptionReporterFilter):
    """A project's own."""
