"""The library at home in Django: settings, middleware, model field, forms, webhooks, tests.

Put `"kustomer_orm.contrib.django"` into INSTALLED_APPS and an organisation into KUSTOMER.
"""

from kustomer_orm.contrib.django.clients import clients
from kustomer_orm.contrib.django.fields import RecordField
from kustomer_orm.contrib.django.prefetching import prefetch_records
from kustomer_orm.contrib.django.record_forms import RecordForm, record_form
from kustomer_orm.contrib.django.shortcuts import get_record_or_404

__all__ = [
    "RecordField",
    "RecordForm",
    "clients",
    "get_record_or_404",
    "prefetch_records",
    "record_form",
]
