"""One invariant: a promise, and how to find what breaks it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Breaches = Iterable[tuple[str, str]]
"""Of each breach: what it is about, and what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """`statement` selects (subject, words) of each breach, with `values`; or `look` gives them, where no SQL can.

    What may be on its way is given its time within the statement, by the database's clock.
    """

    code: str
    promise: str
    statement: str = ""
    values: Callable[[], dict[str, Any]] = field(default=dict)
    look: Callable[[], Breaches] | None = None
    asks_store: bool = False  # as slow as a question to the store for each file
