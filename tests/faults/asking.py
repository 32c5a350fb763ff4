"""One request to the API, as a client that may get no answer."""

import json
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPException
from typing import Any

PATIENCE_S = 30


class Down(Exception):
    """Nobody can tell whether the request or statement had an effect. `status` is the answer's, or 0 for none."""

    def __init__(self, status: int = 0) -> None:
        super().__init__(f"answer {status}" if status else "no answer")
        self.status = status


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content) if self.content else None

    @property
    def is_in_progress(self) -> bool:
        """The same request of ours is still running."""
        return self.status == 409 and self.json.get("code") in {"request_in_progress", "checkout_in_progress"}


def ask(
    place: tuple[str, int],
    method: str,
    path: str,
    body: Any = None,
    *,
    token: str | None = None,
    key: str | None = None,
    edition: str | None = None,
    caller: str = "",
    content_type: str = "application/json",
) -> Answer:
    """Asks the API; raises Down where no whole answer came, or one that tells nothing.

    `edition` is the ETag of what is to be changed, `caller` the address that it comes from. A body goes as JSON unless
    it is bytes already.
    """
    headers = {"Content-Type": content_type}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Idempotency-Key": key} if key else {}
    headers |= {"If-Match": edition} if edition else {}
    headers |= {"X-Forwarded-For": caller} if caller else {}
    connection = HTTPConnection(*place, timeout=PATIENCE_S)
    try:
        connection.request(method, path, body if body is None or isinstance(body, bytes) else json.dumps(body), headers)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
    except (OSError, HTTPException) as error:
        raise Down from error
    finally:
        connection.close()
    if answer.status >= 500 or answer.is_in_progress:
        raise Down(answer.status)
    return answer
