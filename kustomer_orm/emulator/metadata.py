"""The verbs of metadata: read and change what the organisation declares of its attributes."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from kustomer_orm.emulator import rules
from kustomer_orm.emulator.answers import Answer, RefusedError, not_found
from kustomer_orm.emulator.edits import JSON, body_of
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.formats import format_checker
from kustomer_orm.emulator.world import World


class Metadata:
    """Answers GET and PUT of /v1/metadata/{resource}; the caller holds the world's lock."""

    def __init__(self, *, world: World) -> None:
        self._world = world

    def answer(self, exchange: Exchange, segments: list[str]) -> Answer | None:
        """Answer one request, None when it is none of ours."""
        match exchange.method, segments:
            case "GET", ["metadata", resource]:
                return self._shown(resource)
            case "PUT", ["metadata", resource]:
                self._check_resource(resource)
                self._change(resource, body_of(exchange, JSON))
                return self._shown(resource)
        return None

    def _change(self, resource: str, body: dict[str, Any]) -> None:
        errors = _validator().iter_errors(body)
        found = [problem for error in errors for problem in rules.problems_of(error)]
        if found:
            raise RefusedError(400, *dict.fromkeys(found))
        others = {name: value for name, value in body.items() if name != "properties"}
        self._world.change_metadata(
            resource, body.get("properties", {}), others, by=self._world.machine_user
        )

    def _shown(self, resource: str) -> Answer:
        self._check_resource(resource)
        document = {
            "type": "metadata",
            "id": resource,
            "attributes": self._world.declared.attributes(resource),
            "relationships": {"org": self._world.store.pointer("org", self._world.org_id)},
            "links": {"self": f"/v1/metadata/{resource}"},
        }
        return Answer(200, {"data": document})

    def _check_resource(self, resource: str) -> None:
        """Refuse a resource that has none; a klass must be there (inferred)."""
        prefix, _, klass = resource.partition(".")
        if resource in rules.data("metadata")["resources"]:
            return
        if prefix == "kobject" and any(self._world.store.where("klass", "name", klass)):
            return
        raise not_found("resource")


@cache
def _validator() -> Draft202012Validator:
    file = rules.data("metadata")
    schema = {**file["body"], "$defs": {"options": file["options"], "node": file["node"]}}
    return Draft202012Validator(schema, format_checker=format_checker())
