"""Answers kept on two levels, near in the process and far in Redis, renewed by one caller at a time (R27, R28)."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from random import uniform
from threading import BoundedSemaphore, Event, Lock, local
from typing import Generic, TypeVar

from learninghub import redis
from learninghub.caching import far
from learninghub.caching.versions import note, version
from learninghub.db.replica import primary
from learninghub.errors import Unavailable
from learninghub.metrics import CACHE_READS

REBUILDS = 10  # at once in one process while Redis is away
_LOOK_SECONDS = 0.025
_PATIENCE_SECONDS = far.LOCK_MILLISECONDS / 1000
_rebuilds = BoundedSemaphore(REBUILDS)
_mine = local()
_HIT, _MISS, _STALE, _DOWN = (CACHE_READS.labels("redis", word) for word in ("hit", "miss", "stale", "down"))

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Made(Generic[V]):
    """What a caller made, and for how many seconds it is good."""

    value: V
    seconds: float


@dataclass(frozen=True, slots=True)
class _Near(Generic[V]):
    value: V
    scope: str
    version: int
    fresh_until: float
    stale_until: float


@dataclass(frozen=True, slots=True)
class _Asked(Generic[V]):
    key: str
    name: str
    scope: str
    make: Callable[[], Made[V] | None]


class _Flight:
    """One caller's work on a key, for which the others of this process wait."""

    def __init__(self) -> None:
        self.landed = Event()
        self.is_limited = False


class Levels(Generic[V]):
    """Values by key, each of a scope, counted under a name; the far level is there while the process has a Redis.

    A value of an earlier version than the scope's is never given. One that is only too old is given to those who come
    while another renews it, for at most as long again. `make` gives None for what is not to be kept.
    """

    def __init__(
        self,
        name: str,
        *,
        entries: int,
        near_seconds: float,
        dump: Callable[[V], bytes],
        load: Callable[[bytes], V],
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._entries = entries
        self._near_seconds = near_seconds
        self._dump = dump
        self._load = load
        self._clock = clock
        self._pause = pause
        self._hit, self._miss, self._given_old = (CACHE_READS.labels(name, word) for word in ("hit", "miss", "stale"))
        self._near: OrderedDict[str, _Near[V]] = OrderedDict()
        self._flights: dict[str, _Flight] = {}
        self._lock = Lock()

    def clear(self) -> None:
        """Forgets what is near."""
        with self._lock:
            self._near.clear()

    def peek(self, key: str) -> V | None:
        """What is near and good; waits for nobody."""
        kept = self._near.get(key)  # the hottest path of all: no call more than it needs
        if kept is None or kept.fresh_until <= self._clock() or kept.version < version(kept.scope):
            return None
        self._hit.inc()
        return kept.value

    def fetch(self, key: str, *, scope: str, make: Callable[[], Made[V] | None], name: str | None = None) -> V | None:
        """The value, near, far (under `name`, where it is not the key) or made; None where `make` gave None.

        Raises what `make` raises, and Unavailable where Redis is away and 10 values are being made here already.
        """
        self._miss.inc()
        flight, is_mine = self._board(key)
        asked = _Asked(key, name or key, scope, make)
        if is_mine:
            try:
                return self._lead(asked, flight)
            finally:
                with self._lock:
                    del self._flights[key]
                flight.landed.set()
        kept = self._near.get(key)
        if kept and self._clock() < kept.stale_until and _is_current(kept):
            self._given_old.inc()
            return kept.value
        flight.landed.wait(_PATIENCE_SECONDS)
        value = self._peek(key)
        if value is not None:
            return value
        with _rebuild() if flight.is_limited else nullcontext():  # the first kept nothing, or takes long
            return self._make(asked)

    def _peek(self, key: str) -> V | None:
        kept = self._near.get(key)
        return kept.value if kept and self._clock() < kept.fresh_until and _is_current(kept) else None

    def _board(self, key: str) -> tuple[_Flight, bool]:
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None:
                return flight, False
            flight = self._flights[key] = _Flight()
            return flight, True

    def _lead(self, asked: _Asked[V], flight: _Flight) -> V | None:
        value = self._peek(asked.key)
        if value is not None:
            return value
        client = redis.client()
        if client is None:
            return self._make(asked)
        try:
            found, unlock = self._find_or_lock(client, asked)
        except redis.Down:
            _DOWN.inc()
            flight.is_limited = True
            with _rebuild():
                return self._make(asked)
        (_STALE if found and found.fresh_for <= 0 else _HIT if found else _MISS).inc()
        try:
            return self._load(found.answer) if found else self._make(asked, client)
        finally:
            with suppress(redis.Down):
                unlock()

    def _find_or_lock(self, client: redis.Client, asked: _Asked[V]) -> tuple[far.Found | None, Callable[[], None]]:
        """What Redis has, or else the right to make it (or 3 s waited for whoever has it); raises Down."""
        until = self._clock() + _PATIENCE_SECONDS
        while True:
            found = self._look(client, asked)
            if found is not None and found.fresh_for > 0:
                return found, _nothing
            unlock = far.lock(client, asked.name)
            if unlock is not None:
                renewed = self._look(client, asked)  # by whoever had the right a moment ago
                return (renewed if renewed and renewed.fresh_for > 0 else None), unlock
            if found is not None or self._clock() >= until:
                return found, _nothing
            self._pause(_LOOK_SECONDS)

    def _look(self, client: redis.Client, asked: _Asked[V]) -> far.Found | None:
        """What Redis has of the scope's present version, fresh or stale; the fresh is near from here on."""
        found = far.read(client, asked.name)
        if found is None or found.version < version(asked.scope):
            return None
        note(asked.scope, found.version)
        if found.fresh_for > 0:
            self._keep(asked, self._load(found.answer), found.version, fresh=found.fresh_for, stale=found.stale_for)
        return found

    def _make(self, asked: _Asked[V], client: redis.Client | None = None) -> V | None:
        seen = version(asked.scope)  # before the database is asked: a write in between makes this out of date
        with primary():  # a replica might show what was there before the write that raised the version
            made = asked.make()
        if made is None:
            return None
        if client is not None:
            with suppress(redis.Down):
                far.write(client, asked.name, self._dump(made.value), version=seen, seconds=made.seconds)
        self._keep(asked, made.value, seen, fresh=made.seconds, stale=made.seconds)
        return made.value

    def _keep(self, asked: _Asked[V], value: V, seen: int, *, fresh: float, stale: float) -> None:
        fresh_until = self._clock() + min(self._near_seconds * uniform(0.9, 1.0), fresh)  # noqa: S311
        kept = _Near(value, asked.scope, seen, fresh_until, fresh_until + min(self._near_seconds, stale))
        with self._lock:
            self._near[asked.key] = kept
            self._near.move_to_end(asked.key)
            while len(self._near) > self._entries:
                self._near.popitem(last=False)


def _is_current(kept: _Near[V]) -> bool:
    return kept.version >= version(kept.scope)


def _nothing() -> None:
    pass


@contextmanager
def _rebuild() -> Iterator[None]:
    """One of the ten; an answer that is made of other kept answers takes one for all."""
    if getattr(_mine, "rebuilds", False):
        yield
        return
    if not _rebuilds.acquire(blocking=False):
        raise Unavailable("Too many ask at once while the cache is away.", retry_after=1)
    _mine.rebuilds = True
    try:
        yield
    finally:
        _mine.rebuilds = False
        _rebuilds.release()
