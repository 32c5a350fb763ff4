"""One row of the permission matrix."""

from dataclasses import dataclass
from typing import Any

CALLERS = ("anonymous", "stranger", "learner", "teacher", "colleague", "staff")


@dataclass(frozen=True)
class Row:
    """What each caller is answered when they send this; `{name}` in path and body stands for an id of the world."""

    method: str
    path: str
    statuses: dict[str, int]
    body: Any = None
    counts_tries: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def row(method: str, path: str, statuses: str, body: Any = None, *, counts_tries: bool = False) -> Row:
    """The statuses stand in the order of CALLERS."""
    return Row(
        method, path, dict(zip(CALLERS, map(int, statuses.split()), strict=True)), body, counts_tries=counts_tries
    )
