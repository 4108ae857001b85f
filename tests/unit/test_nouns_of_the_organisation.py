"""Companies, users, teams, brands, klasses, tags and queues: what each does in its own way."""

from __future__ import annotations

import pytest

from kustomer_orm import Brand, Client, Company, Klass, Queue, Tag, Team, User, errors
from kustomer_orm.emulator import Emulator, Fault


@pytest.fixture(autouse=True)
def _current(client: Client) -> None:
    """Have a client in every test."""


def asked(server: Emulator) -> list[str]:
    return [f"{each.method} {each.path}" for each in server.requests]


# -- companies ----------------------------------------------------------------------------------


def test_a_company_is_found_by_the_filter_of_its_list(server: Emulator) -> None:
    id_ = server.world.add("company", name="Lark", externalId="C 1&2")
    server.world.add("company", name="Wren", externalId="C")
    assert Company.get_by(external_id="C 1&2").id == id_
    assert dict(server.requests[0].query) == {"externalId": "C 1&2"}
    with pytest.raises(errors.NotFoundError, match="external_id"):
        Company.get_by(external_id="gone")
    assert [each.name for each in Company.all(name="Wren")] == ["Wren"]
    with pytest.raises(errors.QueryError, match="one of these filters"):
        Company.all(name="Wren", external_id="C")


def test_a_server_that_ignores_the_filter_gives_nobody_elses(server: Emulator) -> None:
    other = server.world.get("company", server.world.add("company", name="Wren", externalId="X"))
    body = {"data": [other], "links": {"self": "", "first": "", "prev": None, "next": None}}
    server.faults.add(Fault.status(200, body={**body, "meta": {"page": 1, "pageSize": 100}}))
    with pytest.raises(errors.NotFoundError):
        Company.get_by(external_id="C-1")


def test_a_lost_creation_is_found_by_the_filter(server: Emulator) -> None:
    server.faults.add(Fault.cut_after())
    made = Company.create(name="Lark", external_id="C-1")

    assert server.world.ids("company") == [made.id]
    server.faults.add(Fault.cut_before())
    Company.create(name="Wren", external_id="C-2")
    assert len(server.world.ids("company")) == 2


def test_the_value_of_a_filter_stands_in_no_error(server: Emulator) -> None:
    server.faults.add(Fault.status(400))
    with pytest.raises(errors.BadRequestError) as caught:
        User.get_by(email="secret.person@example.com")
    assert "secret.person" not in str(caught.value)
    assert "secret.person" not in (caught.value.path or "")


def test_what_the_api_does_not_delete_is_refused_unsent(server: Emulator) -> None:
    for record in (
        Company(id="5f0000000000000000000001"),
        User(id="5f0000000000000000000001"),
        Team(id="5f0000000000000000000001"),
        Brand(id="5f0000000000000000000001"),
    ):
        with pytest.raises(errors.ReadOnlyAttributeError, match=f"deletes no {record.type}"):
            record.delete()
    assert server.requests == []


# -- users and teams ----------------------------------------------------------------------------


def test_the_user_of_the_key(server: Emulator) -> None:
    assert User.current().id == server.world.machine_user
    assert asked(server) == ["GET /v1/users/current"]


def test_a_user_is_let_go_and_comes_back(server: Emulator) -> None:
    sam = User.create(name="Sam", email="sam@example.com", roles=["org.user"])
    sam.display_name = "Sammy"
    sam.deactivate()
    sam.reactivate()

    bodies = [each.body for each in server.requests[1:]]
    assert bodies == [{"deleted": True}, {"deleted": None}]
    assert {each.method for each in server.requests[1:]} == {"PUT"}
    assert set(sam.changes) == {"display_name"}
    assert User.get_by(email="SAM@example.com".lower()) == sam


def test_two_who_add_members_both_keep_theirs(server: Emulator) -> None:
    ids = [server.world.add("user", name=name, email=f"{name}@x.test") for name in "abc"]
    team = Team.get(server.world.add("team", name="Returns", members=ids[:1]))
    team.members.append(ids[1])
    server.world.edit("team", str(team.id), members=[ids[0], ids[2]])
    server.requests.clear()
    team.save()

    assert asked(server) == [f"POST /v1/teams/{team.id}/members"]
    assert server.requests[0].body == {"members": [ids[1]]}
    assert {each.id for each in team.members} == set(ids)
    assert not team.is_dirty


def test_members_that_are_removed_in_place_go_as_a_list(server: Emulator) -> None:
    ids = [server.world.add("user", name=name, email=f"{name}@x.test") for name in "ab"]
    team = Team.get(server.world.add("team", name="Returns", members=ids))
    del team.members[0]
    server.requests.clear()
    team.save()

    assert asked(server) == [f"PATCH /v1/teams/{team.id}"]
    assert server.requests[0].body == {"members": ids[1:]}


def test_members_join_and_leave_by_their_endpoints(server: Emulator) -> None:
    ids = [server.world.add("user", name=name, email=f"{name}@x.test") for name in "ab"]
    team = Team.get(server.world.add("team", name="Returns", members=ids[:1]))
    server.requests.clear()
    team.add_members([User(id=ids[1])])
    team.remove_members([ids[0]])

    path = f"/v1/teams/{team.id}/members"
    assert asked(server) == [f"POST {path}", f"DELETE {path}"]
    assert [each.body for each in server.requests] == [{"members": ids[1:]}, {"members": ids[:1]}]
    assert [each.id for each in team.members] == ids[1:]
    with pytest.raises(errors.InvalidValueError, match="members"):
        team.add_members([Company(id=ids[0])])


# -- brands -------------------------------------------------------------------------------------


def test_a_brand_is_written_with_both_of_its_names(server: Emulator) -> None:
    brand = Brand.get(server.world.add("brand", name="Socks", iconUrl="https://x.test/i"))
    server.requests.clear()
    brand.icon_url = "https://x.test/j"
    assert brand.plan().requests[0].body == {"name": "Socks", "iconUrl": "https://x.test/j"}
    brand.save()

    assert [each.body for each in server.requests] == [
        {"name": "Socks", "iconUrl": "https://x.test/j"}
    ]
    assert not brand.is_dirty
    assert not brand.save()


def test_a_brand_whose_icon_is_not_shown_needs_one(server: Emulator) -> None:
    """The published examples of brands show no icon."""
    brand = Brand.get(server.world.add("brand", name="Socks"))
    server.requests.clear()
    brand.name = "Shoes"
    with pytest.raises(errors.InvalidValueError, match=r"Brand\.icon_url.*together"):
        brand.save()
    assert server.requests == []
    assert set(brand.changes) == {"name"}
    brand.icon_url = "https://x.test/i"
    brand.save()
    assert server.requests[0].body == {"name": "Shoes", "iconUrl": "https://x.test/i"}


def test_the_default_brand(server: Emulator) -> None:
    server.world.add("brand", name="other")
    id_ = server.world.add("brand", name="default", default=True)
    brand = Brand.default()

    assert (brand.id, brand.is_default) == (id_, True)
    assert asked(server) == ["GET /v1/brands/default"]


# -- klasses, tags, queues ------------------------------------------------------------------------


def test_a_klass_with_objects_is_not_deleted(server: Emulator) -> None:
    klass = Klass.create(name="order")
    server.world.add("kobject.order", title="O 1")
    with pytest.raises(errors.APIError):
        klass.delete()
    assert server.world.ids("klass") == [klass.id]


def test_the_name_of_a_klass_stays(server: Emulator) -> None:
    klass = Klass.create(name="order")
    with pytest.raises(errors.ReadOnlyAttributeError, match="when the record is created"):
        klass.name = "orders"


def test_tags_and_queues_are_listed_and_looked_up(server: Emulator) -> None:
    server.world.tag_id("refund")
    server.world.add("tag", name="old", deleted=True)
    id_ = server.world.add("queue", name="returns")

    assert [each.name for each in Tag.all(deleted=False)] == ["refund"]
    assert Queue.get_by(key="returns").id == id_
    assert [each.name for each in Queue.all(key="returns")] == ["returns"]
    assert [dict(each.query) for each in server.requests] == [
        {"deleted": "false"},
        {"key": "returns"},
        {"key": "returns"},
    ]


# -- revisions ------------------------------------------------------------------------------------


def test_no_revision_goes_where_the_api_takes_none(server: Emulator) -> None:
    """With conflict="strict" such a record is read first instead."""
    team = Team.get(server.world.add("team", name="Returns", rev=3))
    server.requests.clear()
    team.name = "Refunds"
    team.save(conflict="strict")

    assert asked(server) == [f"GET /v1/teams/{team.id}", f"PATCH /v1/teams/{team.id}"]
    assert server.requests[1].body == {"name": "Refunds"}


def test_a_company_is_saved_strictly_by_its_revision(server: Emulator) -> None:
    company = Company.get(server.world.add("company", name="Lark"))
    server.world.edit("company", str(company.id), employeeCount=7)
    server.requests.clear()
    company.name = "Lark Ltd"
    company.save(conflict="strict")

    assert [each.method for each in server.requests] == ["PUT", "GET", "PUT"]
    assert server.requests[2].body == {"name": "Lark Ltd", "rev": 2}
    assert company.employee_count == 7
