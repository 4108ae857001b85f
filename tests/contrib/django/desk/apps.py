"""A support desk: tickets that link to conversations."""

from pathlib import Path

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "tests.contrib.django.desk"
    label = "desk"
    path = str(Path(__file__).parent)
