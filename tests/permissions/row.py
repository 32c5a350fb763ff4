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
    keyed: bool = False

    @property
    def headers(self) -> dict[str, str]:
        return {"Idempotency-Key": "of-this-row"} if self.keyed else {}

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def row(
    method: str, path: str, statuses: str, body: Any = None, *, counts_tries: bool = False, keyed: bool = False
) -> Row:
    """The statuses stand in the order of CALLERS; where `keyed`, an Idempotency-Key goes with the request."""
    by_caller = dict(zip(CALLERS, map(int, statuses.split()), strict=True))
    return Row(method, path, by_caller, body, counts_tries=counts_tries, keyed=keyed)
