"""At home in Flask: `KustomerORM`, the extra `flask`."""

from kustomer_orm.contrib.flask.bound_fields import BoundField, Option
from kustomer_orm.contrib.flask.error_pages import KustomerHTTPException
from kustomer_orm.contrib.flask.extension import KustomerORM
from kustomer_orm.contrib.flask.forms import RecordForm
from kustomer_orm.contrib.flask.webhooks import WebhookBlueprint
from kustomer_orm.forms import Sides

__all__ = [
    "BoundField",
    "KustomerHTTPException",
    "KustomerORM",
    "Option",
    "RecordForm",
    "Sides",
    "WebhookBlueprint",
]
