"""Tests of the desk: `pip install 'kustomer_orm[django,emulator]' && python manage.py test`."""

import html
import os
import re

from django.test import TestCase

from desk.models import Ticket
from kustomer_orm.contrib.django.testing import KustomerTestCase

# `manage.py test` checks the settings before the first emulator is there: nobody is asked by these.
os.environ.setdefault("KUSTOMER_API_KEY", "of-nobody")
os.environ.setdefault("KUSTOMER_ORG", "nobody")


def hidden_inputs(page):
    """Give what the form carries unseen: its token."""
    found = re.findall(r'type="hidden" name="([^"]*)" value="([^"]+)"', page.content.decode())
    return {name: html.unescape(value) for name, value in found}


class DeskTests(KustomerTestCase, TestCase):
    """What people do, on an emulator of the test's own."""

    def test_a_conversation_is_listed(self):
        self.kustomer.world.add("conversation", name="Broken mug")

        with self.assertKustomerRequests(3):  # the search, its customers, the names of tags
            page = self.client.get("/")

        self.assertContains(page, "Broken mug")

    def test_one_field_is_one_field_sent(self):
        id_ = self.kustomer.world.add("conversation", name="Hi", priority=2)
        page = self.client.get(f"/conversations/{id_}/")

        self.client.post(f"/conversations/{id_}/", {**hidden_inputs(page), "name": "New"})

        self.assertEqual(self.kustomer.requests[-1].body, {"name": "New"})

    def test_a_note_of_ours_stays_here(self):
        id_ = self.kustomer.world.add("conversation", name="Hi")
        page = self.client.get(f"/conversations/{id_}/")

        with self.assertKustomerRequests(0):
            noted = {**hidden_inputs(page), "internal_note": "A regular."}
            self.client.post(f"/conversations/{id_}/", noted)

        self.assertEqual(Ticket.objects.get().internal_note, "A regular.")
        self.assertContains(self.client.get("/tickets/"), "A regular.")

    def test_a_colleague_is_not_written_over(self):
        id_ = self.kustomer.world.add("conversation", name="Hi")
        page = self.client.get(f"/conversations/{id_}/")

        self.kustomer.world.edit("conversation", id_, name="theirs")
        answer = self.client.post(f"/conversations/{id_}/", {**hidden_inputs(page), "name": "mine"})

        self.assertContains(answer, "theirs", status_code=409)
        stored = self.kustomer.world.get("conversation", id_)["attributes"]
        self.assertEqual(stored["name"], "theirs")
