"""The Django application: what is connected once all of the project is loaded."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.core.signals import setting_changed

from kustomer_orm import current
from kustomer_orm.contrib.django.checks import (
    check_form_max_age,
    check_middleware,
    check_router,
    check_settings,
)
from kustomer_orm.contrib.django.clients import clients


class KustomerConfig(AppConfig):
    """Put `"kustomer_orm.contrib.django"` into INSTALLED_APPS."""

    name = "kustomer_orm.contrib.django"
    label = "kustomer"
    verbose_name = "Kustomer"

    def ready(self) -> None:
        """Connect checks and settings. Nothing is sent, and no client is made yet."""
        for check in (check_settings, check_middleware, check_router, check_form_max_age):
            checks.register(check, "kustomer")
        setting_changed.connect(_forget_clients, dispatch_uid="kustomer_orm")
        current.default_to(clients.find_default)
        current.made_by(clients.find_named)


def _forget_clients(*, setting: str, **_: Any) -> None:
    if setting in {"KUSTOMER", "CACHES"}:
        clients.forget()
