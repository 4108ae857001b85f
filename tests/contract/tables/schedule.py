"""The API's tables of schedules, SLAs, surveys, shortcuts and addresses to send from."""

from __future__ import annotations

from typing import Any

from kustomer_orm import OutboundAccount, Satisfaction, Schedule, Shortcut, Sla
from kustomer_orm.attributes import Boolean, Object, String
from kustomer_orm.emulator.world import World
from tests.contract.table import Row, Table

_HOURS: dict[str, Any] = {str(day): [[540, 1020]] for day in range(1, 6)} | {"0": None, "6": None}
_TIMES = ("createdAt", "updatedAt", "modifiedAt")
_AUTHORS = ("createdBy", "modifiedBy", "org")


def _office(world: World) -> dict[str, Any]:
    return {"name": "Hi", "hours": _HOURS, "timezone": "Europe/London", "default": False}


TABLES = (
    Table(
        cls=Schedule,
        type="schedule",
        path="/v1/schedules",
        create="POST /schedules",
        update="PUT /schedules/{id}",
        delete="DELETE /schedules/{id}",
        writable={
            "name": Row(String, True, True, good=("x" * 256,), bad=("x" * 257, 5)),
            "hours": Row(
                Object,
                True,
                True,
                good=(_HOURS, _HOURS | {"0": [[0, 1440], [1, 2]]}),
                bad=("x", {"1": [[540, 1020]]}, _HOURS | {"7": None}, _HOURS | {"1": "all day"}),
            ),
            "timezone": Row(String, True, True, good=("UTC",), bad=(5,)),
            "is_default": Row(Boolean, True, True, good=(True, False), bad=(1, "true")),
        },
        read_only=frozenset(_TIMES),
        relations=frozenset(_AUTHORS),
        values=_office,
        new={"name": "Office", "hours": _HOURS, "timezone": "UTC", "is_default": False},
        listed=False,
    ),
    Table(
        cls=Sla,
        type="sla",
        path="/v1/slas",
        read_only=frozenset(("currentVersion", "createdAt")),
        relations=frozenset(("createdBy", "org")),
        values=lambda _: {"currentVersion": 1},
        shown="",
        listed=False,
    ),
    Table(
        cls=Satisfaction,
        type="satisfaction",
        path="/v1/satisfaction",
        read_only=frozenset(
            (
                "name",
                "formType",
                "enabled",
                "channel",
                "description",
                "from",
                "metaTitle",
                "metaDescription",
                "delayTime",
                "scale",
                "introduction",
                "ratingPrompt",
                "followUpType",
                "questions",
                "positiveQuestions",
                "negativeQuestions",
                "allQuestions",
                "criteria",
                *_TIMES,
            )
        ),
        relations=frozenset(_AUTHORS),
        listed=False,
    ),
    Table(
        cls=Shortcut,
        type="shortcut",
        path="/v1/shortcuts",
        read_only=frozenset(("name", "draft", "isPrivate", "deleted", "appDisabled", *_TIMES)),
        relations=frozenset(("parent", *_AUTHORS)),
        listed=False,
    ),
    Table(
        cls=OutboundAccount,
        type="outbound_account",
        path="/v1/outboundAccounts",
        read_only=frozenset(("channel", "name", "account")),
        found=False,
        listed=False,
    ),
)
