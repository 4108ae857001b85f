"""The JSON of a request becomes the difference that is saved, or errors by attribute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.typing import ResponseReturnValue

from kustomer_orm import Conversation, custom
from kustomer_orm.contrib.flask import KustomerORM
from kustomer_orm.emulator import Emulator


class Support(Conversation):
    refund = custom.Num("refundAmountNum")
    due = custom.At()


@pytest.fixture
def visitor(make_app: Callable[..., Flask], kustomer: KustomerORM) -> Any:
    app: Flask = make_app()

    @app.patch("/<id_>")
    def change(id_: str) -> ResponseReturnValue:
        conversation = Support.get(id_)
        conversation.assign(**kustomer.load(Support))
        conversation.save()
        return conversation.to_dict()

    @app.patch("/name/<id_>")
    def rename(id_: str) -> ResponseReturnValue:
        conversation = Support.get(id_)
        conversation.assign(**kustomer.load(Support, only=("name",)))
        conversation.save()
        return "", 204

    @app.patch("/by-hand/<id_>")
    def by_hand(id_: str) -> ResponseReturnValue:
        conversation = Support.get(id_)
        conversation.assign(**Support.schema(partial=True).load({"name": "By hand"}))
        conversation.save()
        return "", 204

    @app.post("/")
    def create() -> ResponseReturnValue:
        return {"id": Support.create(**kustomer.load(Support, partial=False)).id}, 201

    return app.test_client()


def test_a_patch_sends_only_the_difference(server: Emulator, visitor: Any) -> None:
    id_ = server.world.add("conversation", name="Hi", custom={"refundAmountNum": 1, "aStr": "x"})
    body = {"name": "Hi", "refund": 12.5, "due": "2026-01-01T00:00:00Z"}

    answer = visitor.patch(f"/{id_}", json=body)

    assert answer.status_code == 200
    (write,) = [each for each in server.requests if each.method == "PATCH"]
    assert write.body == {"custom": {"refundAmountNum": 12.5, "dueAt": "2026-01-01T00:00:00.000Z"}}
    with visitor.application.app_context():
        assert Support.get(id_).due == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_patch_of_what_is_there_sends_nothing(server: Emulator, visitor: Any) -> None:
    id_ = server.world.add("conversation", name="Hi")

    assert visitor.patch(f"/{id_}", json={"name": "Hi"}).status_code == 200
    assert [each.method for each in server.requests] == ["GET"]


def test_a_schema_loaded_by_hand_works_alike(server: Emulator, visitor: Any) -> None:
    id_ = server.world.add("conversation", name="Hi")

    assert visitor.patch(f"/by-hand/{id_}").status_code == 204
    assert server.requests[-1].body == {"name": "By hand"}


def test_wrong_values_are_told_all_at_once_and_nothing_is_saved(
    server: Emulator, visitor: Any
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    body = {
        "name": 5,
        "priority": 9,
        "assigned_users": [1],
        "refund": "much",
        "nmae": "Their text",
        "satisfaction_level": {},
    }
    answer = visitor.patch(f"/{id_}", json=body)

    assert answer.status_code == 422
    assert set(answer.json["fields"]) == set(body)
    assert answer.json["fields"]["nmae"] == ["Unknown field."]
    assert answer.json["fields"]["assigned_users"] == ["0: a saved record or its id"]
    assert "Their text" not in answer.text
    assert [each.method for each in server.requests] == ["GET"]


@pytest.mark.parametrize("name", ["rev", "id", "created_at"])
def test_what_an_update_does_not_take_is_unknown(server: Emulator, visitor: Any, name: str) -> None:
    id_ = server.world.add("conversation", name="Hi")

    answer = visitor.patch(f"/{id_}", json={name: "2026-01-01T00:00:00Z"})

    assert answer.status_code == 422
    assert answer.json["fields"] == {name: ["Unknown field."]}


def test_only_what_a_view_names_is_taken(server: Emulator, visitor: Any) -> None:
    id_ = server.world.add("conversation", name="Hi")

    assert visitor.patch(f"/name/{id_}", json={"status": "done"}).status_code == 422
    assert visitor.patch(f"/name/{id_}", json={"name": "Ho"}).status_code == 204


def test_a_body_that_is_no_json_is_the_visitors_fault(server: Emulator, visitor: Any) -> None:
    id_ = server.world.add("conversation", name="Hi")

    assert visitor.patch(f"/{id_}", data="{", content_type="application/json").status_code == 400
    assert visitor.patch(f"/{id_}", data="x").status_code == 415
    assert visitor.patch(f"/{id_}", json=["x"]).status_code == 422


def test_a_new_record_is_made_from_a_body(server: Emulator, visitor: Any) -> None:
    customer = server.world.add("customer")

    answer = visitor.post("/", json={"customer": customer, "name": "New"})

    assert answer.status_code == 201
    assert server.world.get("conversation", answer.json["id"])["attributes"]["name"] == "New"
