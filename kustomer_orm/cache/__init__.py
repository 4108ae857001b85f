"""Keeps wire documents for a while, so that a read that need not happen does not.

What is kept is what the server said: never a record, and never an edit.
"""

from kustomer_orm.cache.documents import CacheStats, DocumentCache, bounded
from kustomer_orm.cache.shelf import Key

__all__ = ["CacheStats", "DocumentCache", "Key", "bounded"]
