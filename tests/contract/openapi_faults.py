"""The faults of the published file: each difference that is its fault, and why.

A row is (operation, where, what, reason). `what` corrects the file, or says what the API refuses
though the file allows it. Nothing is ignored: what no row corrects is checked as it is printed.
The confidence words of the reasons: documented, recorded, inferred.
"""

from __future__ import annotations

from tests.contract.openapi_corrections import (
    KnownFault,
    Refusal,
    absent,
    also,
    any_branch,
    drop,
    either_status,
    every_member_optional,
    like,
    may_be_another,
    may_be_list,
    may_be_masked,
    null_in_enums,
    one_for_many,
    one_part,
    only_data,
    put,
)

_ERRORS = "responses > * > content > * > schema > properties > errors > items"
_ATTRIBUTES = "responses > ** > attributes > properties"
_ANSWER = "responses > * > content > * > schema"

_TEXT = {"type": "string", "nullable": True, "maxLength": 1024}
_CUSTOM = {
    r"(Str|Txt)\Z": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
    r"Num\Z": {"type": "number", "nullable": True},
    r"At\Z": {"type": "string", "format": "date-time", "nullable": True},
    r"Bool\Z": {"type": "boolean", "nullable": True},
    r"Url\Z": {"type": "string", "format": "uri", "nullable": True},
    r"Id\Z": {
        "anyOf": [
            {"type": "string", "format": "object-id", "nullable": True},
            {"type": "array", "items": {"type": "string", "format": "object-id"}},
        ]
    },
    r"Tree\Z": {"type": "string", "nullable": True},
}

_RECORDED_ERROR = {
    "type": "object",
    "required": ["status", "code", "title"],
    "properties": {
        "status": {"type": "number"},
        "code": {"type": "string"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "source": {
            "type": "object",
            "minProperties": 1,
            "properties": {"parameter": {"type": "string"}, "pointer": {"type": "string"}},
            "additionalProperties": False,
        },
    },
}
_NEWER_ERROR = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
}
_ERROR_ANSWER = {
    "description": "",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["errors"],
                "properties": {"errors": {"type": "array", "minItems": 1, "items": {}}},
            }
        }
    },
}
_REFUSALS = ("400", "401", "403", "404", "409", "413", "414", "429")

KNOWN_FAULTS: tuple[KnownFault, ...] = (
    # -- operations that the file does not have --------------------------------------------------
    *(
        KnownFault(operation, "", absent, "of the Access Management API, printed elsewhere")
        for operation in (
            "POST /users",
            "PUT /users/{id}",
            "POST /teams",
            "PATCH /teams/{id}",
            "POST /teams/{id}/members",
            "DELETE /teams/{id}/members",
        )
    ),
    *(
        KnownFault(f"GET {path}", "", absent, reason)
        for path, reason in (
            ("/auth/tokens/current", "of the Access Management API, printed elsewhere"),
            ("/users", "of the Access Management API, printed elsewhere"),
            ("/users/{id}", "of the Access Management API, printed elsewhere"),
            ("/teams", "of the Access Management API, printed elsewhere"),
            ("/teams/{id}", "of the Access Management API, printed elsewhere"),
            ("/orgs/current", "not printed, used by clients"),
            ("/domains/{name}", "not printed, used by a client"),
            ("/routing/queues", "of the rewritten documentation"),
            ("/routing/queues/{id}", "of the rewritten documentation"),
            ("/sub-statuses", "of the rewritten documentation"),
            ("/sub-statuses/{id}", "of the rewritten documentation"),
            ("/tags", "of the rewritten documentation"),
            ("/tags/{id}", "of the rewritten documentation"),
            ("/slas", "of the rewritten documentation"),
            ("/shortcuts", "of the rewritten documentation"),
            ("/shortcuts/{id}", "of the rewritten documentation"),
            ("/satisfaction/{id}", "inferred from the list"),
            ("/drafts/{id}", "inferred from PUT and DELETE"),
            ("/conversations/{id}/notes/{child}", "inferred from the list"),
            ("/bulk/{id}", "of the rewritten documentation"),
            ("/bulk/{id}/batches", "of the rewritten documentation"),
        )
    ),
    *(
        KnownFault(operation, "", absent, "of the rewritten documentation")
        for operation in (
            "GET /outbound-webhooks",
            "POST /outbound-webhooks",
            "GET /outbound-webhooks/{id}",
            "DELETE /outbound-webhooks/{id}",
        )
    ),
    # -- requests --------------------------------------------------------------------------------
    KnownFault(
        "* *",
        "requestBody > ** > custom",
        also("patternProperties", _CUSTOM),
        "`custom` is printed closed and empty; its suffixes stand in the prose (documented)",
    ),
    KnownFault(
        "P* */bulk",
        "requestBody > content > * > schema > items > properties",
        also("_clientRef", {"type": "string"}),
        "items carry `_clientRef` (documented in the rewritten documentation)",
    ),
    KnownFault(
        "P* */bulk",
        "requestBody > content > * > schema > items > oneOf > ** > properties",
        also("_clientRef", {"type": "string"}),
        "items carry `_clientRef` (documented in the rewritten documentation)",
    ),
    KnownFault(
        "PUT */bulk",
        "requestBody > content > application/json > schema",
        one_for_many,
        "`?ids=` writes the same to many, for which no body is printed (inferred)",
    ),
    KnownFault(
        "* */bulk",
        "responses > ** > api > properties > data",
        put({}),
        "the body as it was sent, printed as the body of one example",
    ),
    KnownFault(
        "* */bulk",
        "responses",
        either_status,
        "200 for some and 201 for others of the same kind; the emulator has a switch for it",
    ),
    KnownFault(
        "PUT /metadata/{resource}",
        "requestBody > ** > properties > properties",
        put({"type": "object", "maxProperties": 100}),
        "printed closed and without members, so that nothing but `{}` could be sent",
    ),
    KnownFault(
        "P* /conversations*",
        "requestBody > ** > queue",
        any_branch,
        "the branches of `queue` overlap, so that as printed nearly every queue is refused",
    ),
    KnownFault(
        "* *",
        "requestBody",
        null_in_enums,
        "`nullable` beside an `enum` without null, which OpenAPI 3.0 takes to refuse null",
    ),
    KnownFault(
        "* *",
        "requestBody > required",
        put(True),
        "a body is printed as optional; without one the API has nothing to act on (inferred)",
    ),
    KnownFault(
        "PATCH /conversations/{id}",
        "requestBody > content",
        like("application/json", "application/json-patch+json"),
        "the one PATCH with another type: an artefact, JSON is taken (recorded, Pipedream)",
    ),
    KnownFault(
        "POST /customers/{id}/drafts",
        "requestBody",
        one_part,
        "WhatsApp's bodies are printed in two parts, the second closed: it refuses the channel "
        "that it requires, so that none could be sent",
    ),
    # -- answers ---------------------------------------------------------------------------------
    KnownFault(
        "PATCH /conversations/{id}",
        "responses > 200 > content",
        like("application/json", "application/json-patch+json"),
        "the artefact again: every recorded answer is application/json (recorded)",
    ),
    KnownFault(
        "* *",
        _ANSWER,
        every_member_optional,
        "each member of one example is printed as required; the API leaves out what is unset and "
        "what is empty, `externalQueue` and `createdBy` for instance (recorded)",
    ),
    KnownFault(
        "* /conversations*",
        "responses > ** > satisfaction",
        put({"type": "number", "minimum": -1, "maximum": 1, "nullable": True}),
        "an integer in answers, a number in requests",
    ),
    KnownFault(
        "* *",
        f"{_ATTRIBUTES} > *",
        also("nullable", True),
        "some attributes are null once they were cleared, `progressiveStatus` for one (recorded)",
    ),
    KnownFault(
        "* /customers*",
        "responses > ** > locations > items > properties > type",
        put({"type": "string", "nullable": True}),
        "may be written as null, so it is read as null",
    ),
    KnownFault(
        "* *",
        f"{_ATTRIBUTES} > *",
        may_be_masked,
        "a sensitive attribute reads as {isMasked, maskedPresentation} (documented in prose)",
    ),
    *(
        KnownFault(
            f"GET /{collection}/{{id}}",
            "responses > 200 > content > application/json > schema",
            may_be_list,
            "several ids in the path answer a list (documented, for users with an example)",
        )
        for collection in (
            "conversations",
            "customers",
            "customers/merges",
            "companies",
            "brands",
            "klasses/{name}",
            "attachments",
            "media",
            "messages",
            "notes",
        )
    ),
    KnownFault(
        "GET /klasses/{name}",
        "responses > 200 > content > application/json > schema",
        may_be_another,
        "`/klasses/{id}` and `/klasses/{name}` are one path: it shows a klass or lists its objects",
    ),
    KnownFault(
        "DELETE *",
        "responses > 204 > content",
        drop,
        "an answer without content, printed with a content type",
    ),
    *(
        KnownFault(
            operation,
            "responses > ** > schema > required",
            put(["data"]),
            "what comes along depends on the request: an example was taken for the rule",
        )
        for operation in (
            "PUT /attachments/{id}",
            "PUT /media/{id}",
            "GET /schedules/default",
            "GET /schedules/{id}",
        )
    ),
    *(
        KnownFault(
            f"GET /{files}/{{id}}",
            f"{_ANSWER} > anyOf",
            only_data,
            "what comes along depends on the request: an example was taken for the rule",
        )
        for files in ("attachments", "media")
    ),
    *(
        KnownFault(
            "GET /customers/{customerId}/events/{id}",
            f"{_ANSWER} > ** > relationships > properties > {who}",
            put({}),
            "the example's null was taken for a text; who it was is told as everywhere",
        )
        for who in ("createdBy", "modifiedBy")
    ),
    KnownFault(
        "GET /conversations/times/{ids}",
        _ANSWER,
        may_be_list,
        "several ids in the path answer a list (documented by the name of the parameter)",
    ),
    KnownFault(
        "POST /messages/{id}/redactions",
        "requestBody > content > * > schema > additionalProperties",
        drop,
        "closed and without properties of its own, which would refuse everything",
    ),
    KnownFault(
        "* /schedules*",
        "** > hours > properties > *",
        put({}),
        "`nullable` beside `anyOf`, and days printed as one word or a list, by the example's luck",
    ),
    KnownFault(
        "* /schedules*",
        "responses > ** > hours",
        put({"type": "object"}),
        "the hours of the example were taken for the rule",
    ),
    KnownFault(
        "* /messages*",
        "responses > ** > attributes > properties > *",
        put({}),
        "types of an example: `meta` has the keys of one mail, `size` is null",
    ),
    KnownFault(
        "GET /slas/{id}",
        "responses > 200 > content > application/json > schema > properties > included",
        put({}),
        "one object in the example, a list everywhere else",
    ),
    KnownFault(
        "GET /audit-logs",
        "responses > 200 > content > application/json > schema > properties > data",
        put({"type": "array"}),
        "printed as one object, though its example has a list",
    ),
    KnownFault(
        "GET /customers/{id}/drafts",
        "responses > ** > schema > required",
        put(["data"]),
        "`included` comes along on demand: the example was taken for the rule",
    ),
    KnownFault(
        "GET /*/{id}/attachments",
        "responses > 200 > content > application/json > schema > properties > meta",
        put({"type": "object"}),
        "lists of attachments are printed with and without numbers in `meta`",
    ),
    KnownFault(
        "POST /customers/*search",
        "responses > ** > links > properties > next",
        also("nullable", True),
        "null at the end (documented), printed as in an example with more pages",
    ),
    KnownFault(
        "* /customers/{id}/unmasking-windows",
        "requestBody",
        drop,
        "a body is printed for what takes none (documented)",
    ),
    # -- errors ----------------------------------------------------------------------------------
    KnownFault(
        "* *",
        "responses",
        lambda operation, key: [
            operation[key].setdefault(status, _ERROR_ANSWER) for status in _REFUSALS
        ],
        "most operations print no error answers, none prints 403, 409, 413 or 429",
    ),
    KnownFault(
        "* *",
        _ERRORS,
        put({"anyOf": [_RECORDED_ERROR, _NEWER_ERROR]}),
        "`status` is a number, the key is named by `source.parameter`, `source` may be missing "
        "(recorded), and there is a newer shape (documented)",
    ),
    # -- what the file has nothing against -------------------------------------------------------
    KnownFault(
        "* *",
        "400",
        Refusal("Auth token associated with pod"),
        "the key of another region: no status is documented, 400 is one that is tried",
    ),
    KnownFault(
        "POST /outbound-webhooks",
        "400",
        Refusal(""),
        "the file does not have it, so it has nothing against any body",
    ),
    KnownFault(
        "GET /*",
        "400",
        Refusal("Invalid page"),
        "page and pageSize have no lower bound in the file",
    ),
    KnownFault(
        "GET /conversations/{id}",
        "400",
        Refusal(r"Array is too long \(\d+\), maximum"),
        "how many ids a path may name is not stated; the emulator has a switch for it",
    ),
    KnownFault(
        "* /c*",
        "400",
        Refusal(r"Invalid type: array \(expected string/null\).*(Str|Txt)\$"),
        "lists are for attributes declared with several values, the emulator has a switch for it",
    ),
    KnownFault(
        "P* */bulk",
        "400",
        Refusal("_clientRef"),
        "whether a server takes `_clientRef` is not sure; the emulator has a switch for it",
    ),
    KnownFault(
        "POST /conversations/{id}/tags",
        "400",
        Refusal(r"Array is too long \(\d+\), maximum 20"),
        "the limit of 20 holds for the conversation, with the tags that it has (inferred)",
    ),
    KnownFault(
        "PUT /conversations/{id}",
        "400",
        Refusal("does not replace documents"),
        "?replace=true is not emulated: what survives it is not described",
    ),
    KnownFault(
        "* */bulk",
        "400",
        Refusal('"parameter":"ids"'),
        "`ids` is needed to delete, and names each record once (documented in prose)",
    ),
    KnownFault(
        "P* /*",
        "400",
        Refusal('"No enum match","detail":"/properties/custom/properties/'),
        "custom values are held against their metadata (ids documented, the rest inferred)",
    ),
    KnownFault(
        "PUT /metadata/{resource}",
        "400",
        Refusal("Additional properties not allowed|expected object"),
        "names end in a suffix, options are an object (documented in prose)",
    ),
)
