"""Lists of the API, page by page, as they cross the wire."""

from kustomer_orm.queries.pages import WirePage, pages_of

__all__ = ["WirePage", "pages_of"]
