"""A Redis shared by processes, and the memory of several of them within one test."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from learninghub import caching, redis
from learninghub.breaker import Breaker
from learninghub.caching import versions
from tests.support.instances import RedisCluster, RedisServer, redis_cluster, redis_server

LONG = 20.0  # seconds before a test gives up


class Clock:
    """The breakers' clock: thirty seconds pass when a test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Process:
    """What one process knows of versions; inside `with` the test is that process."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self.owed: set[str] = set()

    @contextmanager
    def running(self) -> Iterator[None]:
        before = versions._known, versions._owed
        versions._known, versions._owed = self.known, self.owed
        try:
            yield
        finally:
            versions._known, versions._owed = before


@pytest.fixture(scope="session", params=[redis_server, redis_cluster])
def redis_at(request: pytest.FixtureRequest) -> Iterator[RedisServer | RedisCluster]:
    """The same against a single node and against a cluster of two shards."""
    with request.param() as node:
        yield node


@pytest.fixture
def breaker_clock() -> Clock:
    return Clock()


@pytest.fixture
def shared_redis(
    redis_at: RedisServer | RedisCluster, breaker_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[redis.Client]:
    """An emptied Redis that this process uses, like one that has just started."""
    client = redis.Client(redis_at.url, timeout=0.1, clock=breaker_clock)
    flush(redis_at)
    caching.forget_near()
    monkeypatch.setattr(redis, "_client", client)
    monkeypatch.setattr(versions, "_known", {})
    monkeypatch.setattr(versions, "_owed", set())
    client.breakers()
    yield client
    client.close()


def nodes(redis_at: RedisServer | RedisCluster) -> list[RedisServer]:
    return list(getattr(redis_at, "nodes", [redis_at]))


def flush(redis_at: RedisServer | RedisCluster) -> None:
    for node in nodes(redis_at):
        node.ask("FLUSHALL")


def keys(redis_at: RedisServer | RedisCluster) -> dict[str, bytes]:
    """All that is kept in Redis, by key."""
    kept = {}
    for node in nodes(redis_at):
        for key in node.ask("KEYS", "*"):
            kept[key] = str(node.ask("GET", key)).encode()
    return kept


@contextmanager
def away(redis_at: RedisServer | RedisCluster, fault: str) -> Iterator[None]:
    """Redis stopped (empty when it is back), frozen, or there and emptied."""
    if fault == "emptied":
        flush(redis_at)
        yield
        return
    getattr(redis_at, {"stopped": "stop", "frozen": "freeze"}[fault])()
    try:
        yield
    finally:
        getattr(redis_at, {"stopped": "start", "frozen": "thaw"}[fault])()


@contextmanager
def counting_questions() -> Iterator[Counter[str]]:
    """How often each node is asked, by the name of its breaker."""
    asked: Counter[str] = Counter()
    allow = Breaker.allow

    def count(breaker: Breaker) -> object:
        asked[breaker.name] += 1
        return allow(breaker)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Breaker, "allow", count)
        yield asked


def at_once(*calls) -> list[object]:
    """What each call gives or raises, all of them in threads of their own."""
    outcomes: list[object] = [None] * len(calls)

    def run(number: int) -> None:
        try:
            outcomes[number] = calls[number]()
        except Exception as error:  # noqa: BLE001  it is the outcome
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert not any(thread.is_alive() for thread in threads)
    return outcomes
