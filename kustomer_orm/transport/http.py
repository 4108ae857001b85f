"""Sends a request until it is answered, may not be repeated, or the deadline is near."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from kustomer_orm.config import Clock, Config
from kustomer_orm.errors import (
    APIError,
    ConnectionFailedError,
    OutcomeUnknownError,
    RateLimitError,
    UnexpectedAnswerError,
)
from kustomer_orm.transport.message import Answer, Request, shown
from kustomer_orm.transport.pacing import Passage, pacer_for
from kustomer_orm.transport.patience import Patience, Wait
from kustomer_orm.transport.retry import longest, may_repeat, told, wait
from kustomer_orm.transport.sessions import Sessions

_log = logging.getLogger("kustomer_orm")
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_KEEP_METHOD = frozenset((307, 308))
_MOST_REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class _Failure:
    """An attempt without an answer."""

    reason: str
    reached: bool
    hopeless: bool = False


class Transport:
    """The HTTP side of a client. Shared by threads; holds the key and shows it to nobody."""

    def __init__(
        self, config: Config, clock: Clock, on_wait: Callable[[Wait], object] | None = None
    ) -> None:
        self._config = config
        self._clock = clock
        self._on_wait = on_wait
        self._sessions = Sessions(config.base_url)
        self._pacer = pacer_for(config, clock)

    def send(self, request: Request) -> Answer:
        """Send a request, repeating it where that is harmless, within one deadline.

        Returns:
            The answer, of any status.

        Raises:
            ConnectionFailedError: no answer, and the server did nothing.
            OutcomeUnknownError: no answer to a write that the server may have carried out.
            RateLimitError: nothing was sent: the budget has no room in the time allowed.
        """
        attempt, uncertain = 0, False
        outcome: Answer | _Failure | None = None
        patience = Patience(request, self._config, self._clock, self._on_wait)
        while True:
            try:
                passage = self._pacer.enter(request, patience)
            except RateLimitError:
                if outcome is None:
                    raise
                return self._finish(request, outcome, attempt, uncertain)
            attempt += 1
            outcome = self._attempt(request, attempt, patience, passage)
            if not self._pauses(outcome, attempt, patience, passage):
                return self._finish(request, outcome, attempt, uncertain)
            reached = outcome.status != 429 if isinstance(outcome, Answer) else outcome.reached
            uncertain = uncertain or (reached and not request.only_reads)

    def _pauses(
        self, outcome: Answer | _Failure, attempt: int, patience: Patience, passage: Passage
    ) -> bool:
        """Wait until the next attempt; False when there is to be none."""
        request, clock = passage.request, self._clock
        if isinstance(outcome, Answer):
            status, asked = outcome.status, outcome.retry_after
            cut = outcome.content is None and request.only_reads
            again = cut or may_repeat(request, status, reached=status != 429)
        else:
            status, asked = None, None
            again = not outcome.hopeless and may_repeat(request, None, reached=outcome.reached)
        again = again and attempt <= self._config.retry
        pause = wait(attempt, status, asked, clock)
        if isinstance(outcome, Answer) and status == 429:
            reason = self._pacer.refused(passage, outcome, pause)
            if again and patience.allows(pause):
                patience.wait(pause, reason)
                return True
        elif again and clock.monotonic() + pause < patience.end:
            clock.sleep(pause)
            return True
        return False

    def _finish(
        self,
        request: Request,
        outcome: Answer | _Failure,
        attempt: int,
        uncertain: bool,  # noqa: FBT001 - private, and named wherever it is called
    ) -> Answer:
        if not isinstance(outcome, Answer):
            raise _no_answer(request, outcome, attempt, uncertain=uncertain)
        after = outcome.retry_after
        if after is None and outcome.status == 429:
            after = longest(attempt, 429)
        return replace(outcome, attempts=attempt, uncertain=uncertain, retry_after=after)

    def _attempt(
        self, request: Request, attempt: int, patience: Patience, passage: Passage
    ) -> Answer | _Failure:
        started = self._clock.monotonic()
        answer = None
        try:
            left = max(patience.end - started, 0.001)
            outcome = self._exchange(request, min(self._config.timeout, left))
            answer = outcome if isinstance(outcome, Answer) else None
        finally:
            self._pacer.leave(passage, answer)
        took = (self._clock.monotonic() - started) * 1000
        result = outcome.status if isinstance(outcome, Answer) else outcome.reason
        _log.info(
            "%s %s %s %.0f ms attempt %d",
            request.method,
            shown(request.path),
            result,
            took,
            attempt,
        )
        return outcome

    def _exchange(self, request: Request, timeout: float) -> Answer | _Failure:
        url, method = self._config.base_url + request.path, request.method
        status = 0
        for _ in range(_MOST_REDIRECTS):
            outcome = self._once(request, url, timeout)
            if isinstance(outcome, _Failure) or outcome.status not in _REDIRECTS:
                return outcome
            status = outcome.status
            target = _on_same_host(url, outcome.headers.get("location", ""))
            if target is None:
                raise _refused(
                    request, outcome.status, "to another host; the key was not sent there"
                )
            if method != "GET" and outcome.status not in _KEEP_METHOD:
                raise _refused(request, outcome.status, "of a write, which would become a read")
            url = target
        raise _refused(request, status, "over and over")

    def _once(self, request: Request, url: str, timeout: float) -> Answer | _Failure:
        headers = {"Authorization": f"Bearer {self._config.api_key.reveal()}"}
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        try:
            # Streamed, so that the status is known even where the body is cut short.
            response = self._sessions.get().request(
                request.method,
                url,
                data=request.body,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            return _failure(error)
        except ValueError as error:  # a proxy's address that PySocks does not take
            return _Failure(type(error).__name__, reached=False, hopeless=True)
        with response:
            found: Mapping[str, str] = response.headers
            status = response.status_code
            asked = told(status, found, self._clock)
            try:
                content: bytes | None = response.content
            except requests.RequestException:
                content = None
            return Answer(status, content, found, retry_after=asked)

    def close(self) -> None:
        """Close the connections of all threads."""
        self._sessions.close()

    def close_mine(self) -> None:
        """Close the connections of this thread."""
        self._sessions.close_mine()


def _on_same_host(url: str, location: str) -> str | None:
    """Give the address that a redirect names; None where it is another host's, or none at all."""
    try:
        target = urljoin(url, location)
        same = urlsplit(target)[:2] == urlsplit(url)[:2]
    except ValueError:  # such as `http://[`
        return None
    return target if same else None


def _failure(error: requests.RequestException) -> _Failure:
    """Say whether the server can have seen the request. The error itself holds the key: drop it."""
    reason = type(error).__name__
    if isinstance(error, _NEVER_SENT) or _certificate_refused(error):
        return _Failure(reason, reached=False, hopeless=True)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return _Failure(reason, reached=False)
    inner = error.args[0] if error.args else None
    never = isinstance(inner, MaxRetryError) and isinstance(inner.reason, NewConnectionError)
    return _Failure("ConnectionRefused" if never else reason, reached=not never)


_NEVER_SENT = (
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,  # a proxy's address among them
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)


def _certificate_refused(error: BaseException | None) -> bool:
    """Tell a server whose certificate is not trusted from a connection that broke under way."""
    for _ in range(8):  # requests wraps urllib3, which wraps ssl
        if error is None or isinstance(error, ssl.SSLCertVerificationError):
            break
        inner = error.args[0] if error.args else None
        reason = getattr(inner, "reason", None) or inner
        error = reason if isinstance(reason, BaseException) else error.__context__
    return isinstance(error, ssl.SSLCertVerificationError)


def _no_answer(request: Request, failure: _Failure, attempt: int, *, uncertain: bool) -> APIError:
    path = shown(request.path)
    tries = "1 attempt" if attempt == 1 else f"{attempt} attempts"
    words = f"{request.method} {path}: no answer ({failure.reason}) after {tries}"
    if request.only_reads or not (failure.reached or uncertain):
        return ConnectionFailedError(
            f"{words}: nothing was done; check the network and the host",
            method=request.method,
            path=path,
            attempts=attempt,
        )
    again = "the same record can be saved, or deleted, again"
    cure = again if request.repeatable else "look for it before you repeat it"
    return OutcomeUnknownError(
        f"{words}: it may or may not have been carried out; {cure}",
        method=request.method,
        path=path,
        attempts=attempt,
    )


def _refused(request: Request, status: int, why: str) -> UnexpectedAnswerError:
    path = shown(request.path)
    message = f"{request.method} {path}: {status}: refused to follow a redirect {why}"
    return UnexpectedAnswerError(message, status=status, method=request.method, path=path)
