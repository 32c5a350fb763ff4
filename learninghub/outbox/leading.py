"""One schedule of many leads: it holds an advisory lock of PostgreSQL for as long as it lives."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import structlog
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

POLL_SECONDS = 1.0
# A leader whose machine is gone says nothing: the database is to notice within these seconds, and free the lock.
_NOTICED_GONE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
_LOCK = (0x4C48, 1_000_000)  # beyond every partition of the outbox

log = structlog.get_logger(__name__)


def lead(turn: Callable[[], None], *, every_s: float, stop: threading.Event) -> None:
    """Takes a turn at once and then every so many seconds, while it leads; returns when `stop` is set.

    The lock is a session's, on a connection of its own: it falls to the next in line when that breaks, which is looked
    at before every turn. Turns that overlap for a moment must be harmless.
    """
    while not stop.is_set():
        try:
            with psycopg.connect(**_own_connection(), autocommit=True) as session:
                _lead_in(session, turn, every_s, stop)
        except (psycopg.Error, DatabaseError):
            log.warning("schedule.interrupted", exc_info=True)
            stop.wait(POLL_SECONDS)


def _own_connection() -> dict[str, Any]:
    """The database's address, past the pool, whose connections are anyone's."""
    named = {name: value for name, value in connection.get_connection_params().items() if isinstance(value, str | int)}
    asked = " ".join(f"-c tcp_{name}={value}" for name, value in _NOTICED_GONE.items())
    return {"connect_timeout": 5, **named, **_NOTICED_GONE, "options": f"{named.get('options', '')} {asked}".strip()}


def _lead_in(session: psycopg.Connection, turn: Callable[[], None], every_s: float, stop: threading.Event) -> None:
    while not _takes_lock(session):
        if stop.wait(POLL_SECONDS):
            return
    log.info("schedule.leads")
    while not stop.is_set():
        session.execute("select 1")
        try:
            turn()
        finally:
            close_old_connections()
        stop.wait(every_s)


def _takes_lock(session: psycopg.Connection) -> bool:
    row = session.execute("select pg_try_advisory_lock(%s, %s)", _LOCK).fetchone()
    return bool(row and row[0])
