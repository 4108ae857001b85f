"""Keeps passwords in addresses off Django's error pages, which hide by names and not by values."""

from __future__ import annotations

import re
from typing import Any

from django.views.debug import SafeExceptionReporterFilter

# Such as `redis://:password@host`, in RATE_LIMIT or in KUSTOMER_RATE_LIMIT.
_WITH_PASSWORD = re.compile(r"^[a-z][a-z0-9+.-]*://[^/\s]*:[^/\s]*@", re.IGNORECASE)


class KustomerReporterFilter(SafeExceptionReporterFilter):
    """Django's filter, which hides addresses that hold a password as well.

    `KustomerMiddleware` uses it for its requests. To have it everywhere, name it in the setting
    DEFAULT_EXCEPTION_REPORTER_FILTER; a filter of your own that stands there is left alone.
    """

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        """Hide the value of a setting, or what of it is not to be seen."""
        cleansed = super().cleanse_setting(key, value)
        if isinstance(cleansed, str) and _WITH_PASSWORD.match(cleansed):
            return self.cleansed_substitute
        return cleansed
