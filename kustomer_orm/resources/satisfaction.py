"""Satisfaction: a survey that customers are asked to fill in."""

from __future__ import annotations

from kustomer_orm.attributes import Anything, Boolean, DateTime, Number, Object, String, ToOne
from kustomer_orm.records import Record


class Satisfaction(Record):
    """A survey that customers are asked to fill in. Read.

    >>> from kustomer_orm import Client, Satisfaction
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     id_ = server.world.add("satisfaction", name="After each chat")
    ...     [survey.name for survey in Satisfaction.all()]
    ['After each chat']
    """

    type = "satisfaction"
    path = "/v1/satisfaction"
    read_only = True

    name = String(writable=False)
    form_type = String(writable=False)
    enabled = Boolean(writable=False)
    channel = String(writable=False)
    description = String(writable=False)
    sent_from = Object(key="from", writable=False)
    meta_title = String(writable=False)
    meta_description = String(writable=False)
    delay_time = Number(writable=False)
    scale = Object(writable=False)
    introduction = String(writable=False)
    rating_prompt = String(writable=False)
    follow_up_type = String(writable=False)
    questions = Anything(writable=False)
    positive_questions = Anything(writable=False)
    negative_questions = Anything(writable=False)
    all_questions = Anything(writable=False)
    criteria = Object(writable=False)
    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)
