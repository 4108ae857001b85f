"""The API's tables of klasses and of their objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kustomer_orm import Klass, KObject
from kustomer_orm.attributes import Choice, DateTime, List, Object, String, ToOne
from kustomer_orm.emulator.world import World
from tests.contract import contacts
from tests.contract.table import ID, NOW, Row, Table

_KLASS: Mapping[str, Row] = {
    "name": Row(
        String,
        True,
        False,
        good=("order", "x" * 255, "A-1_b"),
        bad=("", "x" * 256, "an order", "a.b", "order\n"),
    ),
    "display_name": Row(String, True, True, good=("x" * 255,), bad=("x" * 256, 5)),
    "icon": Row(String, True, True, good=("x" * 64,), bad=("x" * 65,)),
    "color": Row(String, True, True, good=("x" * 64,), bad=("x" * 65,)),
    "status": Row(Choice, True, True, good=("enabled", "disabled"), bad=("on",)),
    "mixins": Row(
        List,
        True,
        True,
        good=([], ["commentable", "assignable", "editable", "creatable"]),
        bad=(["deletable"], "assignable"),
    ),
    "klass_schema": Row(Choice, True, True, good=("task",), bad=("order",)),
    "json_schema": Row(Object, True, True, good=({"type": "object"},), bad=("x",)),
}

_KOBJECT: Mapping[str, Row] = {
    "title": Row(String, True, True, good=("x", "x" * 256), bad=("", "x" * 257, 5)),
    "description": Row(String, True, True, good=("x" * 10240,), bad=("x" * 10241,)),
    "external_id": Row(String, True, True, good=("x", "x" * 256), bad=("", "x" * 257)),
    "icon": Row(String, True, True, good=("x" * 64,), bad=("x" * 65,)),
    "images": Row(
        List,
        True,
        True,
        good=([], [f"https://example.com/{n}.png" for n in range(20)]),
        bad=(
            ["no url"],
            ["https://example.com/1.png"] * 2,
            [f"https://example.com/{n}.png" for n in range(21)],
        ),
    ),
    "data": Row(Object, True, True, good=({"any": [1, {"thing": None}]},), bad=("x", [1])),
    "tags": contacts.TAGS,
    "created_at": Row(DateTime, True, True, bad=(NOW,)),
    "imported_at": Row(DateTime, True, True, bad=(NOW,)),
    "customer": Row(ToOne, True, False, good=(ID,), bad=("", 5)),
    "company": Row(ToOne, True, False, good=(ID,), bad=("", 5)),
}

_OF_ASSIGNABLE = (
    "status",
    "queue",
    "assignedUser",
    "firstDone",
    "lastDone",
    "doneCount",
    "reopenCount",
    "reopenFromDoneCount",
)


def _parcel(world: World) -> dict[str, Any]:
    if not world.ids("klass"):
        world.add("klass", name="parcel")
    return {"title": "Hi"}


TABLES = (
    Table(
        cls=Klass,
        type="klass",
        path="/v1/klasses",
        create="POST /klasses",
        update="PUT /klasses/{id}",
        delete="DELETE /klasses/{id}",
        writable=_KLASS,
        read_only=frozenset(("appDisabled", "createdAt", "updatedAt")),
        relations=frozenset(("org",)),
        new={"name": "parcel", "display_name": "Parcel"},
        listed=False,  # `/klasses/{name}` has the objects of a klass
    ),
    Table(
        cls=KObject.of("parcel"),
        type="kobject.parcel",
        path="/v1/klasses/parcel",
        create="POST /klasses/{name}",
        update="PUT /klasses/{name}/{id}",
        delete="DELETE /klasses/{name}/{id}",
        writable=_KOBJECT,
        read_only=frozenset(("updatedAt", "modifiedAt", "roleGroupVersions", *_OF_ASSIGNABLE)),
        relations=frozenset(("customer", "company", "createdBy", "modifiedBy", "org")),
        values=_parcel,
        shown="title",
        new={"title": "Parcel 7", "customer": ID, "data": {"weight": 3}},
    ),
)
