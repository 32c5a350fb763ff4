"""Counting statements, and racing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from learninghub.db.postgresql.base import open_pools

_BOOKKEEPING = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "BEGIN", "COMMIT")
_PATIENCE_S = 30  # of those who wait for each other: far beyond what a loaded machine needs, and then it fails

_gates = count(7_000_000)  # names of advisory locks that nobody else uses
_WAITING = """
    select count(*) from pg_locks join pg_database on pg_database.oid = pg_locks.database
     where datname = current_database() and locktype = 'advisory' and objid = %s and not granted"""


def queries_of(call: Callable[[], Any]) -> int:
    """How many statements the call runs, transaction bookkeeping aside."""
    with CaptureQueriesContext(connection) as captured:
        call()
    return sum(not query["sql"].startswith(_BOOKKEEPING) for query in captured.captured_queries)


def race(call: Callable[[int], Any], runners: int) -> list[Any]:
    """Runs the call in so many threads at once, each on its own connection; the results or exceptions, by runner."""
    barrier = threading.Barrier(runners, timeout=_PATIENCE_S)
    results: list[Any] = [None] * runners

    def run(number: int) -> None:
        try:
            barrier.wait()
            results[number] = call(number)
        except Exception as error:  # noqa: BLE001  the test looks at it
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(runners)]
    with _a_connection_for_each(runners):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return results


def meet(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, parties: int, *, after: bool = False) -> None:
    """The first calls of this function are made at one moment, or go on from it `after` all have their results.

    Where so many cannot meet, as behind a lock that one of them holds, the race fails.
    """
    real, have_met = getattr(owner, name), threading.Event()
    barrier = threading.Barrier(parties, action=have_met.set, timeout=_PATIENCE_S)

    def met(*given: Any, **named: Any) -> Any:
        result = real(*given, **named) if after else None
        if not have_met.is_set():
            barrier.wait()
        return result if after else real(*given, **named)

    monkeypatch.setattr(owner, name, met)


@contextmanager
def gathered(parties: int) -> Iterator[str]:
    """A row to join to in a statement: there, after its snapshot, it waits until so many stand at the same place.

    Where they do not come, the database's lock timeout ends those who wait.
    """
    gate = next(_gates)
    with psycopg.connect(**_address(), autocommit=True) as keeper:
        keeper.execute("select pg_advisory_lock(%s)", [gate])
        is_over = threading.Event()

        def open_when_all_are_here() -> None:
            while not is_over.wait(timeout=0.005):
                if keeper.execute(_WAITING, [gate]).fetchone() == (parties,):
                    keeper.execute("select pg_advisory_unlock(%s)", [gate])
                    return

        usher = threading.Thread(target=open_when_all_are_here)
        usher.start()
        try:
            yield f"(select pg_advisory_xact_lock_shared({gate})) as gathered"
        finally:
            is_over.set()
            usher.join()


def _address() -> dict[str, Any]:
    """Of the test's database, for a connection beside Django's."""
    own = connection.get_connection_params()
    return {name: own[name] for name in ("dbname", "user", "password", "host", "port") if own.get(name)}


@contextmanager
def _a_connection_for_each(runners: int) -> Iterator[None]:
    """A process's pool holds fewer than some races need: who waits for a connection races nobody."""
    pool = open_pools().get(connection.alias)
    if pool is None or pool.max_size > runners:
        yield
        return
    pool.resize(pool.min_size, runners + 1)
    try:
        yield
    finally:
        connection.close_pool()  # the next is of the usual size, and these connections are the server's again
