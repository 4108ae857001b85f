"""Looks at host, key, region, organisation, clock, budget and roles, with two requests."""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from kustomer_orm import jsonapi
from kustomer_orm._types import JSONObject
from kustomer_orm.cli import roles
from kustomer_orm.cli.asking import Line, resource_of
from kustomer_orm.cli.findings import Check, Verdict
from kustomer_orm.errors import APIError, AuthenticationError, RateLimitError, WrongRegionError
from kustomer_orm.transport import Answer
from kustomer_orm.transport.limit_headers import NOTHING, counts

WHOAMI = "/v1/auth/tokens/current"
_ORG = "/v1/orgs/current"

# Seconds by which the clocks may differ: `x-ratelimit-reset` counts whole ones of them.
_TOLERATED = 3.0
_FEW_LEFT = 0.1
_NOT_ASKED = "the API did not answer"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one question to the server has shown.

    Attributes:
        line: how it was asked.
        answer: the answer; None where there was none.
        error: what the answer means, where it is no success, or why there was none.
        token: what the API says of the key, where it was accepted.
        sent: the time here when the question left.
        received: the time here when the answer had come.
    """

    line: Line
    answer: Answer | None
    error: APIError | None
    token: JSONObject | None
    sent: float
    received: float

    @property
    def is_api(self) -> bool:
        """Whether it was the API that answered, and not a gateway or a portal."""
        content = None if self.answer is None else self.answer.content
        return content is not None and jsonapi.parse(content) is not None

    def header(self, name: str) -> str | None:
        """Give a header of the answer."""
        return None if self.answer is None else self.answer.headers.get(name)


def look(line: Line) -> list[Check]:
    """Ask who the key is and whose, and give what came of it: two requests, one if that fails."""
    seen = _ask(line)
    org = _organisation_named(line) if seen.token is not None else None
    checks = [check(seen) for check in (_host, _key, _region)]
    checks += [_organisation(seen, org), _clock(seen), _budget(seen)]
    return checks + roles.checks(_roles_held(seen))


def _ask(line: Line) -> Seen:
    sent = line.clock.now()
    try:
        answer = line.ask("GET", WHOAMI)
    except APIError as failure:
        return Seen(line, None, failure, None, sent, line.clock.now())
    received = line.clock.now()
    error = line.error(answer, "GET", WHOAMI)
    token = resource_of(answer) if error is None else None
    return Seen(line, answer, error, token, sent, received)


def _host(seen: Seen) -> Check:
    host = urlsplit(seen.line.config.base_url).netloc
    if seen.answer is None:
        return Check(
            "host", Verdict.FAIL, str(seen.error), "check the network, a proxy, KUSTOMER_ORG"
        )
    status = seen.answer.status
    if not seen.is_api:
        return Check(
            "host",
            Verdict.FAIL,
            f"{host} answers {status} with something that is not the API's JSON, or not whole",
            "check KUSTOMER_ORG and KUSTOMER_BASE_URL: a portal or a gateway answers there",
        )
    if status >= 500 or (seen.error is None and seen.token is None):
        said = str(seen.error or "an answer without the key's resource")
        return Check("host", Verdict.FAIL, said, "try again; if it stays so, ask Kustomer")
    return Check("host", Verdict.OK, f"{host} answers")


def _key(seen: Seen) -> Check:
    claims = seen.line.config.api_key.claims()
    odd = "" if claims else "; it is no signed token of three parts, as API keys are"
    if seen.token is not None:
        attributes = seen.token["attributes"]
        name = attributes.get("name") or "a key without a name"
        used = attributes.get("lastAccessedAt")
        last = f", last used {used}" if used else ""
        return Check("key", Verdict.OK, f"accepted: {name}{last}{odd}")
    if isinstance(seen.error, WrongRegionError):
        return Check("key", Verdict.UNKNOWN, f"another region's: see region{odd}")
    if isinstance(seen.error, AuthenticationError):
        over = _expired(claims, seen.received)
        why = over or odd or "; it is mistyped, was revoked or has expired"
        return Check("key", Verdict.FAIL, f"refused with 401{why}", "put a good one in its place")
    if seen.error is not None and seen.is_api:
        # What another row fails for says nothing of the key; any other answer is no acceptance.
        elsewhere = isinstance(seen.error, RateLimitError) or (seen.error.status or 0) >= 500
        if elsewhere:
            return Check("key", Verdict.UNKNOWN, f"{seen.error}{odd}", "try again later")
        advice = "any valid key may ask that: check KUSTOMER_BASE_URL and the key, or try again"
        return Check("key", Verdict.FAIL, f"not accepted: {seen.error}{odd}", advice)
    return Check("key", Verdict.UNKNOWN, f"{_NOT_ASKED}{odd}")


def _region(seen: Seen) -> Check:
    pod = seen.header("x-kustomer-pod")
    if isinstance(seen.error, WrongRegionError):
        # The library's advice comes last, and knows the host.
        said = "; ".join(map(str, seen.error.details))
        cure = str(seen.error).rpartition(": ")[2]
        return Check("region", Verdict.FAIL, said, f"{cure} (--base-url, --org)")
    if not seen.is_api or pod is None:
        return Check("region", Verdict.UNKNOWN, "no answer named it")
    return Check("region", Verdict.OK, pod)


def _organisation_named(line: Line) -> str | None:
    """Give the name of the key's organisation, where the key may ask."""
    try:
        resource = resource_of(line.ask("GET", _ORG))
    except APIError:
        return None
    name = None if resource is None else resource["attributes"].get("name")
    return name if isinstance(name, str) and name else None


def _organisation(seen: Seen, told: str | None) -> Check:
    """Compare the names; the key's own text counts where the API does not tell."""
    config = seen.line.config
    claimed = config.api_key.claims().get("orgName")
    names = [name for name in (told, claimed) if isinstance(name, str) and name]
    if not names:
        return Check("organisation", Verdict.UNKNOWN, "neither the API nor the key names it")
    source = "" if told else " (says the key itself)"
    if config.org == urlsplit(config.base_url).netloc:
        return Check("organisation", Verdict.OK, f"{names[0]}{source}; KUSTOMER_ORG is not set")
    if any(_plain(name) == _plain(config.org) for name in names):
        return Check("organisation", Verdict.OK, f"{names[0]}{source}, as configured")
    return Check(
        "organisation",
        Verdict.WARN,
        f"the key is of {names[0]}{source}, and {config.org} is configured",
        "make sure that you write where you mean to: check KUSTOMER_ORG and the key",
    )


def _clock(seen: Seen) -> Check:
    ahead = _seconds_ahead(seen.header("date"), seen.sent, seen.received)
    if ahead is None:
        return Check("clock", Verdict.UNKNOWN, "no answer told the server's time")
    if abs(ahead) <= _TOLERATED:
        return Check("clock", Verdict.OK, f"within {_TOLERATED:.0f} s of the server's")
    where = "ahead of" if ahead > 0 else "behind"
    harm = "is too short, or a guess" if ahead > 0 else "is too long"
    return Check(
        "clock",
        Verdict.WARN,
        f"{abs(ahead):.0f} s {where} the server's: x-ratelimit-reset is a time of day, so the wait "
        f"after a 429 {harm}",
        "set this machine's clock by NTP",
    )


def _seconds_ahead(date: str | None, sent: float, received: float) -> float | None:
    """Give by how much the clock here is ahead at the least; negative where it is behind.

    The server wrote its date, cut off to the second, between the two times here.
    """
    try:
        server = email.utils.parsedate_to_datetime(date or "").timestamp()
    except (ValueError, OverflowError):
        return None
    return max(sent - (server + 1), 0.0) or min(received - server, 0.0)


def _budget(seen: Seen) -> Check:
    told = NOTHING if seen.answer is None else counts(seen.answer.headers)
    limit, left = told.limit, told.remaining
    known = limit is not None and left is not None
    shown = f"{left} of {limit} requests left in this window" if known else ""
    if isinstance(seen.error, RateLimitError):
        after = seen.error.retry_after
        soon = "in a minute" if after is None else f"in {after:.0f} s"
        said = f"429: the budget is spent; {shown}" if known else "429: the budget is spent"
        return Check("rate limit", Verdict.FAIL, said, f"try again {soon}; see who spends it")
    if limit is None or left is None:
        return Check("rate limit", Verdict.UNKNOWN, "no answer told it")
    if left < limit * _FEW_LEFT:
        advice = "other programs of the organisation spend it: see who, or wait a minute"
        return Check("rate limit", Verdict.WARN, shown, advice)
    return Check("rate limit", Verdict.OK, shown)


def _roles_held(seen: Seen) -> list[str] | None:
    held = None if seen.token is None else seen.token["attributes"].get("roles")
    if not isinstance(held, list):
        return None
    return [role for role in held if isinstance(role, str)]


def _expired(claims: Mapping[str, Any], now: float) -> str:
    """Say when a key ended, by its own text; empty where it did not, or does not tell."""
    end = claims.get("exp")
    if not isinstance(end, (int, float)) or isinstance(end, bool) or not 0 < end < now:
        return ""
    return f"; it expired on {datetime.fromtimestamp(end, UTC):%Y-%m-%d}"


def _plain(name: str) -> str:
    """Give what two spellings of a name share: "Acme Inc." is "acme-inc" in a host name."""
    return "".join(filter(str.isalnum, name.casefold()))
