"""The app."""

import importlib

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The support desk."""

    name = "desk"

    def ready(self):
        """Have the receivers of signals connected."""
        importlib.import_module("desk.live")
