"""Within `client.identity_scope()` one record is one object; outside of it nothing is held."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import copy
import gc
import pickle
import weakref
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor

import pytest

from kustomer_orm import Client, Conversation, Customer, Record, User, custom, errors
from kustomer_orm.emulator import Emulator, Fault

ID = "5f0000000000000000000abc"


def test_without_a_scope_each_get_gives_another_object(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation")
    assert Conversation.get(id_) is not Conversation.get(id_)
    assert len(server.requests) == 2


def test_every_way_to_a_record_gives_the_one_object(server: Emulator, client: Client) -> None:
    jane = server.world.add("customer", name="Jane")
    id_ = server.world.add("conversation", name="Hi", customer=jane, externalId="E-1")
    other = server.world.add("conversation", customer=jane)
    with client.identity_scope():
        first = Conversation.get(id_)
        first.name = "Mine"
        assert Conversation.get(id_) is first
        assert Conversation.using(client).get(id_) is first
        assert len(server.requests) == 1
        found = Conversation.get_many([other, id_])
        assert found[1] is first
        assert [each.path for each in server.requests[1:]] == [f"/v1/conversations/{other}"]
        assert Conversation.get(other) is found[0]
        assert Conversation.get_by(external_id="E-1") is first
        assert first.name == "Mine"
        assert first.customer is found[0].customer
        assert Customer.get(jane) is first.customer
        count = len(server.requests)
        assert [each.name for each in (first.customer, Customer.get(jane)) if each] == ["Jane"] * 2
        assert len(server.requests) == count
    assert Conversation.get(id_) is not first


def test_a_related_record_that_was_loaded_before_is_the_one(
    server: Emulator, client: Client
) -> None:
    """Pitfall 90."""
    jane = server.world.add("customer", name="Jane")
    ids = [server.world.add("conversation", customer=jane) for _ in range(3)]
    with client.identity_scope():
        customer = Customer.get(jane)
        found = Conversation.get_many(ids)
        server.requests.clear()
        assert all(each.customer is customer for each in found)
        assert {each.customer.name for each in found if each.customer} == {"Jane"}
    assert server.requests == []


def test_get_loads_what_is_held_unloaded_and_tells_that_it_is_missing(
    server: Emulator, client: Client
) -> None:
    """Pitfall 91: a record that `get` gives is loaded."""
    jane = server.world.add("customer", name="Jane")
    id_ = server.world.add("conversation", customer=jane)
    with client.identity_scope():
        customer = Conversation.get(id_).customer
        server.world.delete("customer", jane)
        with pytest.raises(errors.NotFoundError):
            Customer.get(jane)
        assert customer is not None
        assert len(server.requests) == 2


def test_fresh_brings_the_object_up_to_date_in_place_and_keeps_edits(
    server: Emulator, client: Client
) -> None:
    ids = [server.world.add("conversation", name="Hi", tags=["vip"], priority=1) for _ in range(2)]
    with client.identity_scope():
        records = Conversation.get_many(ids)
        held = [each.tags for each in records]
        for record, id_ in zip(records, ids, strict=True):
            record.tags.append("mine")
            server.world.edit("conversation", id_, status="done", priority=5)
            record.name = "Mine"
        one = Conversation.get(ids[0], fresh=True)
        many = Conversation.get_many(ids, fresh=True)

        assert one is records[0] is many[0]
        assert many[1] is records[1]
        for record, tags in zip(records, held, strict=True):
            assert (record.name, record.priority, list(record.changes)) == (
                "Mine",
                5,
                ["tags", "name"],
            )
            assert record.tags is tags
            assert record.status == "done"


def test_get_by_brings_the_object_up_to_date_as_fresh_does(
    server: Emulator, client: Client
) -> None:
    id_ = server.world.add("conversation", name="Hi", priority=1, externalId="E-1")
    with client.identity_scope():
        record = Conversation.get(id_)
        record.name = "Mine"
        server.world.edit("conversation", id_, priority=5)
        assert Conversation.get_by(external_id="E-1") is record
        assert (record.name, record.priority, record.is_dirty) == ("Mine", 5, True)


def test_a_created_record_joins_when_it_gets_its_id(server: Emulator, client: Client) -> None:
    """Pitfall 83."""
    jane = server.world.add("customer")
    with client.identity_scope():
        new = Conversation(customer=jane, name="New")
        with pytest.raises(TypeError):
            hash(new)
        new.save()
        created = Conversation.create(customer=jane, external_id="E-2")
        chosen = Conversation.create(id=ID, customer=jane)
        server.requests.clear()
        for record in (new, created, chosen):
            assert Conversation.get(str(record.id)) is record
        assert server.requests == []
        assert Conversation.get_by(external_id="E-2") is created
        assert {new: 1}[Conversation.get(str(new.id))] == 1


def test_a_creation_that_was_looked_up_joins(server: Emulator, client: Client) -> None:
    jane = server.world.add("customer")
    with client.identity_scope():
        server.faults.add(Fault.cut_after(method="POST", times=None))
        created = Conversation.create(customer=jane, external_id="E-1")
        server.requests.clear()
        assert Conversation.get(str(created.id)) is created
    assert server.requests == []


def test_a_record_of_which_nobody_knows_whether_it_was_created_does_not_join(
    server: Emulator, client: Client
) -> None:
    with client.identity_scope():
        server.faults.add(Fault.cut_after(method="POST", times=None))
        with pytest.raises(errors.OutcomeUnknownError):
            Conversation.create(customer=server.world.add("customer"))


def test_a_deleted_record_leaves(server: Emulator, client: Client) -> None:
    with client.identity_scope():
        record = Conversation.get(server.world.add("conversation"))
        record.delete()
        with pytest.raises(errors.NotFoundError):
            Conversation.get(str(record.id))


@pytest.mark.parametrize("how", ["get fresh", "get_many fresh", "refresh", "save", "delete"])
def test_a_record_that_is_found_to_be_gone_leaves(
    server: Emulator, client: Client, how: str
) -> None:
    id_ = server.world.add("conversation")
    with client.identity_scope():
        record = Conversation.get(id_)
        server.world.delete("conversation", id_)
        assert Conversation.get(id_) is record
        record.name = "x"
        ways: dict[str, Callable[[], object]] = {
            "get fresh": lambda: Conversation.get(id_, fresh=True),
            "get_many fresh": lambda: Conversation.get_many([id_], fresh=True),
        }
        with contextlib.suppress(errors.NotFoundError):
            assert (ways[how] if how in ways else getattr(record, how))() == []
        with pytest.raises(errors.NotFoundError):
            Conversation.get(id_)


def test_records_of_two_types_with_one_id_are_two(server: Emulator, client: Client) -> None:
    """Pitfall 82."""
    for type_name in ("customer", "user", "conversation"):
        server.world.add(type_name, id=ID)
    with client.identity_scope():
        found: list[Record] = [Customer.get(ID), User.get(ID), Conversation.get(ID)]
        assert len(set(found)) == 3
        assert found == [Customer.get(ID), User.get(ID), Conversation.get(ID)]
        assert len(server.requests) == 3


def test_records_of_two_types_that_no_class_declares_are_two(
    server: Emulator, client: Client
) -> None:
    """Pitfall 82: they have one class, so the type alone tells them apart."""
    id_ = server.world.add("conversation", assignedTeams=[ID])
    with client.identity_scope():
        conversation = Conversation.get(id_)
        conversation.assign(queue=ID)
        queue, (team,) = conversation.queue, conversation.assigned_teams
        assert queue is not None
        assert (queue.type, team.type) == ("queue", "team")
        assert queue != team
        assert queue is not team


def test_a_class_that_is_not_the_held_ones_gets_an_object_of_its_own(
    server: Emulator, client: Client
) -> None:
    class Support(Conversation):
        note = custom.Txt()

    id_ = server.world.add("conversation", custom={"noteTxt": "x"})
    with client.identity_scope():
        general = Conversation.get(id_)
        special = Support.get(id_)
        assert general is not special
        assert (type(general), type(special), special.note) == (Conversation, Support, "x")
        assert Support.get(id_) is special
        assert Conversation.get(id_) is general
        assert len(server.requests) == 2
    with client.identity_scope():
        special = Support.get(id_)
        assert Conversation.get(id_) is special  # it is one


def test_a_scope_within_a_scope_joins_it(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation")
    with client.identity_scope():
        outer = Conversation.get(id_)
        with client.identity_scope():
            assert Conversation.get(id_) is outer
        assert Conversation.get(id_) is outer
    assert Conversation.get(id_) is not outer


def test_a_scope_is_that_of_its_client_alone(server: Emulator, client: Client) -> None:
    """Pitfall 78."""
    other = Client(server.api_key, base_url=server.url)
    id_ = server.world.add("conversation")
    with client.identity_scope():
        mine = Conversation.get(id_)
        assert Conversation.using(other).get(id_) is not Conversation.using(other).get(id_)
        with other.identity_scope():
            theirs = Conversation.using(other).get(id_)
            assert Conversation.using(other).get(id_) is theirs is not mine
            assert Conversation.get(id_) is mine


def test_two_organisations_with_the_same_ids_are_two(client: Client) -> None:
    """Pitfall 78."""
    with Emulator(org="acme") as acme, Emulator(org="globex") as globex:
        clients = []
        for server in (acme, globex):
            server.world.add("conversation", id=ID, name=server.org)
            clients.append(Client(server.api_key, base_url=server.url, org=server.org))
        with clients[0].identity_scope(), clients[1].identity_scope():
            for each in (*clients, *clients):
                assert Conversation.using(each).get(ID).name == each.org
        assert (len(acme.requests), len(globex.requests)) == (1, 1)
        for each in clients:
            each.close()


def test_a_thread_does_not_see_the_scope_even_in_a_copy_of_its_context(
    server: Emulator, client: Client
) -> None:
    id_ = server.world.add("conversation")
    with client.identity_scope(), ThreadPoolExecutor(1) as pool:
        mine = Conversation.get(id_)
        plain = pool.submit(Conversation.using(client).get, id_).result()
        context = contextvars.copy_context()
        copied = pool.submit(context.run, Conversation.get, id_).result()
        assert len({id(mine), id(plain), id(copied)}) == 3

        def own() -> bool:
            with client.identity_scope():
                return Conversation.get(id_) is Conversation.get(id_) is not mine

        assert pool.submit(contextvars.copy_context().run, own).result()
        assert Conversation.get(id_) is mine


def test_tasks_have_scopes_of_their_own(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation")

    async def unit() -> Conversation:
        with client.identity_scope():
            first = Conversation.get(id_)
            await asyncio.sleep(0)
            assert Conversation.get(id_) is first
            return first

    async def main() -> list[Conversation]:
        return list(await asyncio.gather(unit(), unit()))

    first, second = asyncio.run(main())
    assert first is not second


def test_generators_that_are_closed_out_of_order_end_their_own_scope(
    server: Emulator, client: Client
) -> None:
    other = Client(server.api_key, base_url=server.url)
    id_ = server.world.add("conversation")

    def unit(mine: Client) -> Generator[Conversation, None, None]:
        with mine.identity_scope():
            while True:
                yield Conversation.using(mine).get(id_)

    first, second = unit(client), unit(other)
    one, two = next(first), next(second)
    first.close()
    assert next(second) is two
    assert Conversation.get(id_) is not one
    second.close()
    assert Conversation.using(other).get(id_) is not two


def test_an_error_ends_the_scope(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation")
    held = []

    def fail() -> None:
        with client.identity_scope():
            held.append(Conversation.get(id_))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert Conversation.get(id_) is not held[0]


def test_a_scope_holds_its_records_until_it_ends_and_not_longer(
    server: Emulator, client: Client
) -> None:
    id_ = server.world.add("conversation")
    with client.identity_scope():
        reference = weakref.ref(Conversation.get(id_))
        gc.collect()
        assert reference() is Conversation.get(id_)
        assert len(server.requests) == 1
    gc.collect()
    assert reference() is None


def test_copies_and_pickles_are_others(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation", name="Hi")
    with client.identity_scope():
        record = Conversation.get(id_)
        for twin in (copy.copy(record), copy.deepcopy(record), pickle.loads(pickle.dumps(record))):
            twin.name = "Ho"
            assert twin is not record
            assert Conversation.get(id_) is record
        assert not record.is_dirty


def test_what_was_made_by_hand_is_not_held(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation", name="Hi")
    with client.identity_scope():
        stub = Conversation(id=id_, status="done")
        stub.save()
        loaded = Conversation.get(id_)
        assert loaded is not stub
        assert loaded.name == "Hi"


def test_a_scope_and_a_cache_go_together(server: Emulator) -> None:
    client = Client(server.api_key, base_url=server.url, cache=60)
    id_ = server.world.add("conversation", name="Hi")
    mine = Conversation.using(client)
    mine.get(id_)
    with client.identity_scope():
        record = mine.get(id_)
        record.name = "not saved"
        assert mine.get(id_) is record is mine.get_many([id_])[0]
    assert mine.get(id_).name == "Hi"
    assert len(server.requests) == 1
