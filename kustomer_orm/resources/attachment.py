"""Attachment and Media: the records of files; the files themselves are stored elsewhere."""

from __future__ import annotations

from kustomer_orm.attributes import Boolean, DateTime, Number, String, ToOne
from kustomer_orm.records import Record


class Attachment(Record):
    """The record of a file. The API stores the files themselves elsewhere.

    Where the file itself is to be put stands in the answer's `meta`, which this library does not
    keep; it sends no files.

    >>> from kustomer_orm import Attachment, Client
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     file = Attachment.create(name="mug.jpg", content_type="image/jpeg", content_length=981)
    ...     file.name, file.uploaded
    ('mug.jpg', False)
    """

    type = "attachment"
    path = "/v1/attachments"
    update_method = "PUT"
    takes_rev = False
    deletes = False
    required = ("name", "content_type", "content_length")

    name = String(min_length=1)
    content_type = String(min_length=1)
    content_length = Number()
    redacted = Boolean(writable="update")

    # -- read -----------------------------------------------------------------------------------
    uploaded = Boolean(writable=False)
    message = ToOne("message", writable=False)
    draft = ToOne("draft", writable=False)
    org = ToOne("org", writable=False)


class Media(Record):
    """The record of a picture that the organisation itself uses, of at most 10 MB.

    >>> from kustomer_orm import Client, Media
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     Media.create(name="logo.png", content_type="image/png", content_length=1024).name
    'logo.png'
    """

    type = "media"
    path = "/v1/media"
    update_method = "PUT"
    takes_rev = False
    deletes = False
    required = ("name", "content_type", "content_length")

    name = String()
    redacted = Boolean(writable="update")

    # -- written when the record is created -----------------------------------------------------
    content_type = String(writable="create")
    content_length = Number(max=10_048_576, writable="create")

    # -- read -----------------------------------------------------------------------------------
    uploaded = Boolean(writable=False)
    context = String(writable=False)
    org = ToOne("org", writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
