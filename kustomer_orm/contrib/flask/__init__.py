"""At home in Flask: `KustomerORM`, the extra `flask`."""

from kustomer_orm.contrib.flask.error_pages import KustomerHTTPException
from kustomer_orm.contrib.flask.extension import KustomerORM
from kustomer_orm.contrib.flask.webhooks import WebhookBlueprint

__all__ = ["KustomerHTTPException", "KustomerORM", "WebhookBlueprint"]
