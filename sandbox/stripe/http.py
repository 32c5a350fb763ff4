"""What goes over the line: a call and its answer, or none."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class Cut(Exception):
    """The line is to end here, without an answer."""


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    encoded: str
    headers: Mapping[str, str]

    @property
    def key(self) -> str:
        return self.headers.get("Idempotency-Key", "") if self.method == "POST" else ""

    @property
    def asked(self) -> tuple[str, ...]:
        """What makes two calls the same."""
        return self.method, self.path, self.encoded


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
