"""Looking for breaches, all in one picture of the database."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from django.db import connection, transaction

from config.invariants.invariant import Breaches, Invariant

EXAMPLES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came of one invariant: how many breaches, the first of them, and the seconds it took."""

    code: str
    promise: str
    breaches: int
    examples: tuple[tuple[str, str], ...]
    seconds: float


def check(invariants: Collection[Invariant]) -> list[Finding]:
    """Checks them in one read-only snapshot; takes no lock that a write would wait for."""
    with _snapshot():
        return [_check(one) for one in invariants]


@contextmanager
def _snapshot() -> Iterator[None]:
    if connection.in_atomic_block:  # a test's: what it wrote is to be seen
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute("set local statement_timeout = 0")
        yield


def _check(one: Invariant) -> Finding:
    began = time.monotonic()
    found = iter(one.look() if one.look else _ask(one))
    examples = tuple(islice(found, EXAMPLES))
    return Finding(
        code=one.code,
        promise=one.promise,
        breaches=len(examples) + sum(1 for _ in found),
        examples=examples,
        seconds=time.monotonic() - began,
    )


def _ask(one: Invariant) -> Breaches:
    with connection.cursor() as cursor:
        cursor.execute(one.statement, one.values() or None)
        return list(cursor.fetchall())
