"""The switches of the emulator: every point on which the real API's behaviour is not certain.

Each switch names its confidence: *documented*, *recorded*, *inferred* or *unknown*. What is
unknown has a default that is our choice, and a client should stand every setting.
"""

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_type_hints

StaleRev = Literal["conflict", "ignore", "store", "conflict_on_put"]
Cleared = Literal["absent", "null"]


@dataclass
class Behaviour:
    """How this emulator answers where the real API might answer in several ways.

    Switches may be changed while the server runs; the next request sees the new value. A name or a
    word that is not here is refused: a mistyped switch would make a test green for nothing.

    Attributes:
        stale_rev: What a `rev` in a body does when it is not the stored one: 409 ("conflict",
            inferred), nothing ("ignore", unknown), it becomes the record's rev ("store",
            unknown), or 409 on PUT and nothing on PATCH ("conflict_on_put", unknown).
        noop_bumps_rev: Whether a write that changes nothing raises `rev` (unknown).
        cleared_custom: How a custom key reads after null was written (unknown).
        cleared_attribute: How a nullable attribute reads after null was written (both recorded).
        missing_ids: What a request for several ids does when one does not exist (unknown).
        several_ids: Of which kinds one request may name several ids: of "all" (inferred), or of
            those of which it is "documented" (conversations, users, conversation times).
        max_ids: The most ids one request may name (unknown; bounded by the length of a URL).
        error_shape: Which of the two documented error bodies is sent: "recorded" was seen on the
            wire, "newer" is in the rewritten documentation.
        error_source: Where the recorded shape names the offending key: `source.parameter`
            (recorded) or `source.pointer` (inferred).
        all_errors: Whether a body with several faults is answered with all of them (inferred)
            or the first only.
        omitted_company: What a write to a customer does that leaves out its company: nothing
            ("kept", recorded), or the customer is "unlinked" (as the contract prints, which very
            probably is meant of replace=true).
        merged_away: What GET of a customer answers that was merged into another one (unknown):
            404 ("not_found"), or the record as it was, marked as deleted ("deleted").
        sla_included: How the versions of an SLA come along: as an "object", as the one published
            example shows, or as an "array", as everywhere else.
        nameless_lists: Whether outbound accounts, and the attachments of a conversation, are listed
            without their ids, as their published examples show (elsewhere the same have ids);
            only attachments have a link then that leads to one.
        tags_read_as: Ids (recorded) or names (as one published example shows).
        tags_order: The order in which a record shows its tags: as they were written, or another
            (unknown; the documentation promises none).
        text_lists: Whether Str and Txt values may be lists, as for a multi-select (inferred).
        patch_content_type: The content type of answers to PATCH of a conversation. The contract
            prints `application/json-patch+json`; every recording shows JSON.
        roles: Roles of the API key; None is a key that may do everything (role `org`).
        missing_role_status: 401 (older documentation) or 403 (newer) when a role is missing.
        pod: The region this emulator plays.
        token_pod: The region the key belongs to; another than `pod` gets the wrong-region error.
        wrong_pod_status: The status of that error (unknown).
        enforce_metadata: Whether custom values are held against the enumerations, trees and ids of
            the metadata (inferred, for ids documented). Off, since most tests set up none.
        reads_sensitive: Whether the key may read what metadata flags as sensitive (documented: such
            attributes are masked for keys without the permission).
        bulk_client_ref: Whether items may carry `_clientRef` (newer documentation), or it is
            "refused" as a property that the published contract does not know.
        bulk_polling: Which of the two polling paths there are: "batches" both, "status" only the
            job's own, "none" neither (the published contract has neither).
        bulk_done_at_once: Whether the answer that takes a job shows it complete, as printed.
        bulk_polls: How often a job is asked about before it says that it is complete.
        bulk_seconds: How long a job waits before it is carried out.
        bulk_batch: Items a batch.
        bulk_order: The order in which the items of a job are carried out (unknown).
        bulk_carried_out: Whether a job is carried out as a whole ("at_once"), or one batch more
            with each poll ("by_batch", unknown).
        bulk_object_ids: Which ids a batch names (unknown): of the records that were "written", or
            of "all" that it is about.
        bulk_status: The status of the answer that takes a job; None is the one that the contract
            prints, 201 for most and 200 for some.
        webhook_org_name: Whether an event names its organisation beside the id (recorded once).
        webhook_client: What an event calls the program that wrote (recorded: `api-gw`), for all.
        webhook_custom: How an event words a change of custom attributes (unknown): "whole", as
            `custom` before and after, or "keys", each by itself as `custom.orderNumStr`.
        webhook_masks: Whether an event hides what the key may not read (unknown).
        webhook_copies: How often each event is delivered, at least once (documented).
        webhook_order: In what order what is waiting is delivered (documented: there is none).
        webhook_switches_off: Whether a hook is switched off after the last attempt of a delivery
            has failed (older documentation, second hand).
        rate_limit: Requests per 60 seconds for the whole organisation; None is unlimited.
        object_limit: Updates per 60 seconds to one record (600 recorded, its window unknown).
        object_refusal: What a 429 of an object's limit tells (unknown): the organisation's headers
            as ever ("organisation"), the object's headers beside them ("object"), or that nothing
            is left, as if the organisation's were spent ("nothing_left").
        search_lag: Seconds until a write shows in a search (documented: about a minute).
        search_window: Records that one search gives at most, whatever the page size (seen); None
            leaves only the stop at page 100 (documented).
        search_beyond: What a page beyond that gives (unknown): 400 ("refused") or nothing
            ("empty").
        search_ties: In what order records of one `updatedAt` come (unknown): always the same
            ("stable"), or another in each answer ("shuffled").
        search_sorts: Whether all keys of a sort count, or the "first" only (unreliable, as seen).
        search_limit: Searches per 60 seconds (documented for machine users: 100).
        search_headers: Whose numbers the answers to searches carry (unknown).
        creation_limit: Conversations created per 60 seconds and customer (documented: 120), and as
            many messages, notes, drafts and custom objects.
        ratelimit_reset: When `X-Ratelimit-Reset` is sent (older documentation: when exceeded;
            newer: always; recordings with budget left: never).
        retry_after: Whether a 429 carries `Retry-After` (one third-party note claims it).
        max_body: Bytes of a body above which 413 is answered (documented: 100 kB).
        max_url: Bytes of path and query above which 414 is answered (inferred from the CDN).
        max_page_size: Larger page sizes are clamped to this (documented; users: 500).
    """

    stale_rev: StaleRev = "conflict"
    noop_bumps_rev: bool = True
    cleared_custom: Cleared = "absent"
    cleared_attribute: Cleared = "absent"
    missing_ids: Literal["skip", "not_found"] = "skip"
    several_ids: Literal["all", "documented"] = "all"
    max_ids: int | None = None
    error_shape: Literal["recorded", "newer"] = "recorded"
    error_source: Literal["parameter", "pointer"] = "parameter"
    all_errors: bool = True
    omitted_company: Literal["kept", "unlinked"] = "kept"
    merged_away: Literal["not_found", "deleted"] = "not_found"
    sla_included: Literal["object", "array"] = "array"
    nameless_lists: bool = True
    tags_read_as: Literal["ids", "names"] = "ids"
    tags_order: Literal["written", "reversed"] = "written"
    text_lists: bool = False
    patch_content_type: str = "application/json; charset=utf-8"
    roles: Collection[str] | None = None
    missing_role_status: Literal[401, 403] = 401
    pod: str = "prod1"
    token_pod: str = "prod1"  # noqa: S105 - the name of a region, no secret
    wrong_pod_status: int = 401
    enforce_metadata: bool = False
    reads_sensitive: bool = False
    bulk_client_ref: Literal["accepted", "refused"] = "accepted"
    bulk_polling: Literal["batches", "status", "none"] = "batches"
    bulk_done_at_once: bool = False
    bulk_polls: int = 1
    bulk_seconds: float = 0.0
    bulk_batch: int = 50
    bulk_order: Literal["given", "reversed", "shuffled"] = "given"
    bulk_carried_out: Literal["at_once", "by_batch"] = "at_once"
    bulk_object_ids: Literal["written", "all"] = "written"
    bulk_status: int | None = None
    webhook_org_name: bool = True
    webhook_client: str = "api-gw"
    webhook_custom: Literal["whole", "keys"] = "whole"
    webhook_masks: bool = True
    webhook_copies: int = 1
    webhook_order: Literal["written", "reversed", "shuffled"] = "written"
    webhook_switches_off: bool = True
    rate_limit: int | None = 1000
    object_limit: int | None = 600
    object_refusal: Literal["organisation", "object", "nothing_left"] = "organisation"
    search_lag: float = 0.0
    search_window: int | None = 10_000
    search_beyond: Literal["refused", "empty"] = "refused"
    search_ties: Literal["stable", "shuffled"] = "stable"
    search_sorts: Literal["all", "first"] = "all"
    search_limit: int | None = 100
    search_headers: Literal["organisation", "search"] = "organisation"
    creation_limit: int | None = 120
    ratelimit_reset: Literal["when_exceeded", "always", "never"] = "when_exceeded"
    retry_after: bool = False
    max_body: int = 100_000
    max_url: int = 8192
    max_page_size: int | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _HINTS:
            near = difflib.get_close_matches(name, _HINTS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise AttributeError(f"the emulator has no switch {name!r}{hint}")
        words = get_args(_HINTS[name]) if get_args(_HINTS[name]) in _WORDS else ()
        if words and value not in words:
            known = ", ".join(map(repr, words))
            raise ValueError(f"the switch {name!r} is one of {known}, not {value!r}")
        object.__setattr__(self, name, value)


_HINTS = get_type_hints(Behaviour)
# The switches that are words; the others are numbers, texts and collections.
_WORDS = frozenset(
    get_args(hint) for hint in _HINTS.values() if getattr(hint, "__origin__", None) is Literal
)
