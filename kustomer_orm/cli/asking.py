"""Asks the server and gives the whole answer, headers included, whatever its status.

A client raises where the status is no success, and then the headers are lost; a diagnosis needs
the region and the date of a refusal as well.
"""

from __future__ import annotations

from dataclasses import replace

from kustomer_orm import Client, jsonapi
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.config import Clock, Config
from kustomer_orm.errors import APIError
from kustomer_orm.transport import Answer, Request, Transport


class Line:
    """A line to one server. It sends everything once, so that each answer is about one attempt.

    It is not paced either: a budget that is nearly spent is something to see, not to wait for.

    Attributes:
        config: the settings; the key among them.
        clock: the time here.
    """

    def __init__(self, config: Config, clock: Clock, *, retry: int = 0) -> None:
        self.config = config
        self.clock = clock
        self._transport = Transport(replace(config, retry=retry, rate_limit="off"), clock)

    @classmethod
    def of(cls, client: Client, clock: Clock) -> Line:
        """Give a line with the settings of a client."""
        return cls(client.config, clock)

    def patient(self) -> Line:
        """Give a line that repeats what failed, as the settings say: for what has to arrive."""
        return Line(self.config, self.clock, retry=self.config.retry)

    def ask(
        self, method: str, path: str, body: JSON = None, content_type: str = "application/json"
    ) -> Answer:
        """Send one request.

        Raises:
            APIError: there was no answer, or a redirect that is not followed.
        """
        content = None if body is None else jsonapi.dumps(body)
        return self._transport.send(Request(method, path, content, content_type))

    def error(self, answer: Answer, method: str, path: str) -> APIError | None:
        """Give what an answer that is no success means; None for a success."""
        if 200 <= answer.status < 300:
            return None
        return jsonapi.error(
            answer.status,
            answer.content or b"",
            method=method,
            path=path,
            retry_after=answer.retry_after,
            attempts=answer.attempts,
            hide=[self.config.api_key.reveal()],  # a server may echo what it refuses
        )

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


def resource_of(answer: Answer) -> JSONObject | None:
    """Give the one resource that an answer holds, None where there is none to be read."""
    document = None if answer.content is None else jsonapi.parse(answer.content)
    data = None if document is None else document.get("data")
    return data if jsonapi.is_resource(data) else None
