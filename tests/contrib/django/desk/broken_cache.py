"""A Django cache whose server has gone."""

from typing import Any

from django.core.cache.backends.base import BaseCache


class BrokenCache(BaseCache):
    """A cache whose server has gone."""

    def __init__(self, _location: str, options: dict[str, Any]) -> None:
        super().__init__(options)

    def get(self, *_: Any, **__: Any) -> Any:
        raise ConnectionError("the server of the cache has gone")

    get_many = set = add = delete = get_or_set = get
