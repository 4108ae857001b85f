"""Says which organisation a request is for."""

from typing import Any


def by_host(request: Any) -> str | None:
    return "other" if request.get_host().startswith("other.") else None


async def by_host_async(request: Any) -> str | None:
    return by_host(request)
