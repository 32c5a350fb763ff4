"""Reads from copies of the database, where a query is marked for it, a copy is fresh, and the reader wrote nothing."""

import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import psycopg
import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connections

from learninghub import redis
from learninghub.metrics import READS, REPLICA_LAG
from learninghub.registry import BY_APP

FRESH_SECONDS = 5.0
PIN_SECONDS = 10
MEASURE_SECONDS = 1.0
_TRUST_SECONDS = 3.0  # a measurement older than this says nothing: the replica hangs
_NEVER = float("-inf")

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger(__name__)

_primary = "default"
_reader: ContextVar[UUID | None] = ContextVar("whose read this is", default=None)
_source: ContextVar[str | None] = ContextVar("the replica that is read", default=None)
_turns = itertools.count()
_pin_lost_at = [_NEVER]


class Watch:
    """Knows until when a replica shows all that was committed.

    It notes how far the primary had written at a moment of our own clock, and later sees that the replica has come so
    far. So an idle primary makes nobody late, and no two clocks are compared.
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._written: deque[tuple[float, int]] = deque(maxlen=60)
        self._shows_until = _NEVER
        self._measured_at = _NEVER
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watch-{alias}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def lag(self) -> float:
        """Seconds; infinite where it does not answer or is a primary itself."""
        now = time.monotonic()
        return now - self._shows_until if now - self._measured_at < _TRUST_SECONDS else float("inf")

    def lose(self) -> None:
        """It has just failed: it is left out until it is measured again."""
        self._shows_until = _NEVER

    def measure(self, primary: psycopg.Connection, replica: psycopg.Connection) -> None:
        at = time.monotonic()
        self._written.append((at, _one(primary, "select pg_current_wal_flush_lsn() - '0/0'")))
        reached = _one(
            replica, "select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() - '0/0' else -1 end"
        )
        self._shows_until = max((at for at, written in self._written if written <= reached), default=_NEVER)
        self._measured_at = time.monotonic()
        REPLICA_LAG.labels(self.alias).set(self.lag())

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with _connect(_primary) as primary, _connect(self.alias) as replica:
                    while not self._stop.is_set():
                        self.measure(primary, replica)
                        self._stop.wait(MEASURE_SECONDS)
            except psycopg.Error as error:
                self.lose()
                REPLICA_LAG.labels(self.alias).set(float("inf"))
                log.warning("replica.unreachable", replica=self.alias, error=type(error).__name__)
                self._stop.wait(MEASURE_SECONDS)


def _one(connection: psycopg.Connection, statement: str) -> int:
    (row,) = connection.execute(statement.encode()).fetchall()
    return int(row[0])


def _connect(alias: str) -> psycopg.Connection:
    named = connections[alias].get_connection_params()
    address: dict[str, Any] = {name: value for name, value in named.items() if isinstance(value, str | int)}
    return psycopg.connect(**address | {"connect_timeout": 2, "autocommit": True})


_watches: list[Watch] = []
_lock = threading.Lock()


def watch(aliases: list[str]) -> list[Watch]:
    """The watches of this process, begun at the first read: one thread and two connections for each replica."""
    with _lock:
        if not _watches:
            _watches.extend(Watch(alias) for alias in aliases)
            for one in _watches:
                one.start()
        return _watches


@contextmanager
def reading_for(user_id: UUID | None) -> Iterator[None]:
    """A signed-in person's request that only reads; marked queries inside may be answered by a replica."""
    token = _reader.set(user_id)
    try:
        yield
    finally:
        _reader.reset(token)


def primary() -> Any:
    """Inside, every read is the primary's: for what is kept for others, which must not be older than its version."""
    return reading_for(None)


def pin(user_id: UUID) -> None:
    """Whatever the person reads in the next 10 s is the primary's: they have written.

    Where Redis did not take the pin, this process reads the primary for everybody as long; others know nothing of it.
    """
    client = redis.client()
    if client is not None and settings.REPLICA_URLS:
        key = _pin_key(user_id)
        try:
            client.ask(key, lambda node: node.set(key, b"1", ex=PIN_SECONDS))
        except redis.Down:
            _pin_lost_at[0] = time.monotonic()


def replica_ok(query: Callable[P, R]) -> Callable[P, R]:
    """Marks a query that a copy up to 5 s old may answer: a list of courses or reviews.

    Never one that decides what somebody may do, counts money, shows progress or checks a token. It reads by
    `replica.source()` or by models of an app whose service reads replicas. What fails there is read from the primary.
    """

    @wraps(query)
    def read(*args: P.args, **kwargs: P.kwargs) -> R:
        chosen = _choose()
        if chosen is not None:
            token = _source.set(chosen.alias)
            try:
                return query(*args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                chosen.lose()
                connections[chosen.alias].close()
                log.warning("replica.failed", replica=chosen.alias, error=type(error).__name__)
            finally:
                _source.reset(token)
        return query(*args, **kwargs)

    return read


def source() -> Any:
    """The connection that the running query reads by."""
    return connections[_source.get() or _primary]


class Router:
    """Django's router: a marked query's models of courses and reviews are read from its replica, nothing else is."""

    def db_for_read(self, model: Any, **_: Any) -> str | None:
        service = BY_APP.get(model._meta.app_label)  # noqa: SLF001  the public way to a model's app
        return _source.get() if service and service.reads_replica else None

    def allow_migrate(self, db: str, *_: Any, **__: Any) -> bool | None:
        return False if db.startswith("replica_") else None


def _choose() -> Watch | None:
    user_id = _reader.get()
    if not settings.REPLICA_URLS or user_id is None or connections[_primary].in_atomic_block:
        return None
    fresh = [one for one in watch(aliases()) if one.lag() < FRESH_SECONDS]
    reason = "none" if not fresh else "pinned" if _is_pinned(user_id) else "fresh"
    READS.labels("replica" if reason == "fresh" else "primary", reason).inc()
    return fresh[next(_turns) % len(fresh)] if reason == "fresh" else None


def aliases() -> list[str]:
    """What Django calls the replicas."""
    return [f"replica_{number}" for number, _ in enumerate(settings.REPLICA_URLS, 1)]


def _is_pinned(user_id: UUID) -> bool:
    client = redis.client()
    if client is None or time.monotonic() - _pin_lost_at[0] < PIN_SECONDS:
        return True
    key = _pin_key(user_id)
    try:
        return bool(client.ask(key, lambda node: node.exists(key)))
    except redis.Down:
        return True


def _pin_key(user_id: UUID) -> str:
    return f"v1:learninghub:pinned:{user_id}:u{user_id}"


os.register_at_fork(after_in_child=_watches.clear)
