"""Attachment and Media: the records of files; the files themselves are stored elsewhere.

The API keeps names and sizes, and tells addresses of a storage service, signed and good for some
minutes (ten in the published example): `upload` and `file_url`. This library sends and fetches no
files. It shows these addresses in no repr, log, pickle, snapshot or cache: who has one, has the
file.
"""

from __future__ import annotations

from typing import NamedTuple

from kustomer_orm.attributes import Boolean, DateTime, Number, String, ToOne
from kustomer_orm.records import Record, beside


class Upload(NamedTuple):
    """Where a file goes, after `Attachment.create` or `Media.create`.

    `requests.post(upload.url, data=upload.fields, files={"file": file})` sends it; the
    file must come last, under the name "file" (documented).

    Attributes:
        url: the address.
        fields: what the form holds beside the file.

    >>> from kustomer_orm import Attachment, Client
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     file = Attachment.create(name="mug.jpg", content_type="image/jpeg", content_length=981)
    ...     file.upload.fields["acl"]
    'private'
    """

    url: str
    fields: dict[str, str]

    def __repr__(self) -> str:
        return f"<Upload of {len(self.fields)} fields>"


class _File(Record):
    """What the records of files have in common."""

    update_method = "PUT"
    takes_rev = False
    deletes = False
    keeps_beside = True
    required = ("name", "content_type", "content_length")

    @property
    def upload(self) -> Upload | None:
        """Where to put the file, as of the last answer; None where that did not tell."""
        url, fields = (
            beside(self, "meta", "upload", "url"),
            beside(self, "meta", "upload", "fields"),
        )
        if isinstance(url, str) and isinstance(fields, dict):
            return Upload(url, {key: str(value) for key, value in fields.items()})
        return None

    @property
    def file_url(self) -> str | None:
        """The address of the file itself, as of the last answer; None where that told none.

        GET fetches it. After `draft.files.create(…)` or `forward.files.create(…)`, PUT puts the
        file there (documented). `refresh()` brings a new address.
        """
        url = beside(self, "links", "related")
        return url if isinstance(url, str) else None


class Attachment(_File):
    """The record of a file of a message or a draft.

    >>> from kustomer_orm import Attachment, Client
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     file = Attachment.create(name="mug.jpg", content_type="image/jpeg", content_length=981)
    ...     file.name, file.uploaded, file.upload
    ('mug.jpg', False, <Upload of 10 fields>)
    """

    type = "attachment"
    path = "/v1/attachments"
    shows_ids = False  # lists of a conversation are printed with the id in the link only

    name = String(min_length=1)
    content_type = String(min_length=1)
    content_length = Number()
    redacted = Boolean(writable="update")

    # -- read -----------------------------------------------------------------------------------
    uploaded = Boolean(writable=False)
    message = ToOne("message", writable=False)
    draft = ToOne("draft", writable=False)
    org = ToOne("org", writable=False)


class Media(_File, registered=False):
    """The record of a picture that the organisation itself uses, of at most 10 MB.

    >>> from kustomer_orm import Client, Media
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     Media.create(name="logo.png", content_type="image/png", content_length=1024).name
    'logo.png'
    """

    type = "attachment"  # as the published examples show; what points at one means the other
    path = "/v1/media"

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
