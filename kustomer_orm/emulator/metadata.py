"""Metadata: what the organisation has set up of its custom attributes, by resource.

`GET` and `PUT /v1/metadata/{resource}` are documented; that a PUT merges property by property was
seen in a client. That values are held against enumerations and trees is inferred and a switch.
"""

from collections.abc import Mapping
from typing import Any

from kustomer_orm.emulator.answers import Answer, bad_request, not_found
from kustomer_orm.emulator.describing import has_suffix
from kustomer_orm.emulator.edits import Edits, body_of
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.kinds import KOBJECT
from kustomer_orm.emulator.world import World

RESOURCES = frozenset({"company", "conversation", "customer", "message"})


class Metadata:
    """Answers what is asked of metadata; the caller holds the world's lock."""

    def __init__(self, *, world: World, edits: Edits) -> None:
        self._world, self._edits = world, edits

    def answer(self, exchange: Exchange, segments: list[str]) -> Answer | None:
        """The answer, None where the path leads somewhere else."""
        match exchange.method, segments:
            case "GET", ["metadata", resource]:
                return self._shown(self._known(resource))
            case "PUT", ["metadata", resource]:
                body = dict(body_of(exchange, {"application/json"}))
                self._edits.check("metadata", "update", body)
                properties = body.pop("properties", {})
                self._check_names(properties)
                self._world.describe(self._known(resource), **properties)
                self._world.describe_beside(resource, body)
                return self._shown(resource)
        return None

    def _check_names(self, properties: Mapping[str, Any]) -> None:
        """Refuse names without a suffix, and options that are no object (inferred)."""
        for name, facts in properties.items():
            if not has_suffix(name):
                raise bad_request("Additional properties not allowed", name)
            if not isinstance(facts, dict | None):
                raise bad_request("Invalid type (expected object)", name)

    def _known(self, resource: str) -> str:
        klass = resource.removeprefix(KOBJECT)
        is_klass = next(self._world.store.where("klass", "name", klass), None) is not None
        if resource in RESOURCES or (resource.startswith(KOBJECT) and is_klass):
            return resource
        raise not_found("resource")

    def _shown(self, resource: str) -> Answer:
        address = f"/v1/orgs/{self._world.org_id}"
        org = {"links": {"self": address}, "data": {"type": "org", "id": self._world.org_id}}
        shown = {
            "type": "metadata",
            "id": resource,
            "attributes": {
                "properties": self._world.metadata.get(resource, {}),
                **self._world.beside.get(resource, {}),
            },
            "relationships": {"org": org},
            "links": {"self": f"/v1/metadata/{resource}"},
        }
        return Answer(200, {"data": shown})
