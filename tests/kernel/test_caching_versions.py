"""Versions of scopes: shared by all processes, never falling back, and never lost with Redis away."""

import pytest

from learninghub import bus, caching, redis
from learninghub.breaker import State
from learninghub.caching import versions
from tests.support.instances import RedisCluster, RedisServer
from tests.support.shared_redis import Clock, Process, away, flush

NAME = "v1:learninghub:version:notes:anon"


def bump(scope: str = "notes") -> int:
    """As after a commit."""
    versions._bump(scope)
    return caching.version(scope)


def seen_by(process: Process) -> int:
    with process.running():
        return caching.version("notes")


def test_a_process_that_starts_later_knows_what_was_bumped_before(shared_redis: redis.Client):
    first = bump()
    assert seen_by(Process()) == first
    assert bump() > first


def test_a_scope_nobody_bumped_has_one_version_for_all(shared_redis: redis.Client):
    assert caching.version("notes") == seen_by(Process()) > 0


def test_a_bump_waits_for_the_commit(shared_redis: redis.Client, db: None, django_capture_on_commit_callbacks):
    before = caching.version("notes")
    with django_capture_on_commit_callbacks(execute=True):
        caching.bump("notes")
        assert caching.version("notes") == before
    assert caching.version("notes") > before


def test_a_late_word_does_not_set_a_version_back(shared_redis: redis.Client):
    early = bump()
    late = bump()
    versions._hear(f"notes {early}")
    assert caching.version("notes") == late


def test_the_word_brings_others_to_the_same_version(shared_redis: redis.Client, monkeypatch: pytest.MonkeyPatch):
    told: list[str] = []
    monkeypatch.setattr(bus, "_listeners", {"cache": [told.append]})
    other = Process()
    seen_by(other)
    bumped = bump()
    assert told == [f"notes {bumped}"]
    with other.running():
        versions._hear(told[0])
    assert seen_by(other) == bumped


def test_a_lost_word_is_made_up_for_by_asking(shared_redis: redis.Client):
    other = Process()
    before = seen_by(other)
    bumped = bump()
    assert seen_by(other) == before < bumped
    with other.running():
        versions._heal(False)
    assert seen_by(other) == bumped


@pytest.mark.parametrize("fault", ["stopped", "frozen"])
def test_a_bump_while_redis_is_away_is_seen_here_at_once_and_paid_when_it_is_back(
    shared_redis: redis.Client, redis_at: RedisServer | RedisCluster, breaker_clock: Clock, fault: str
):
    other = Process()
    before = seen_by(other)
    mine = caching.version("notes")
    with away(redis_at, fault):
        assert bump() == mine + 1
        versions._heal(False)
        assert versions._owed == {"notes"}
    breaker_clock.now += 30
    versions._heal(False)
    assert versions._owed == set()
    with other.running():
        versions._heal(False)
    assert seen_by(other) == caching.version("notes") > before
    assert {breaker.state for breaker in shared_redis.breakers()} == {State.CLOSED}


def test_what_a_process_owed_that_died_is_paid_by_whoever_lost_sight_of_redis(
    shared_redis: redis.Client, monkeypatch: pytest.MonkeyPatch
):
    dead = Process()
    before = caching.version("notes")
    with monkeypatch.context() as cut_off, dead.running():
        cut_off.setattr(redis, "_client", redis.Client("redis://127.0.0.1:1"))
        assert bump() == 1
    versions._heal(False)
    assert caching.version("notes") == before
    versions._heal(True)
    assert caching.version("notes") == seen_by(Process()) > before


def test_an_emptied_redis_gets_a_later_version(shared_redis: redis.Client, redis_at: RedisServer | RedisCluster):
    before = bump()
    flush(redis_at)
    versions._heal(False)
    assert caching.version("notes") == seen_by(Process()) > before


def test_a_redis_that_fell_back_is_told_the_later_version(shared_redis: redis.Client):
    before = bump()
    shared_redis.ask(NAME, lambda node: node.set(NAME, before - 10))
    versions._heal(False)
    assert seen_by(Process()) == before


def test_an_unknown_version_is_older_than_any(shared_redis: redis.Client, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as cut_off:
        cut_off.setattr(redis, "_client", redis.Client("redis://127.0.0.1:1"))
        assert caching.version("notes") == 0
    assert caching.version("notes") > 0


def test_without_redis_a_process_counts_for_itself(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(versions, "_known", {})
    versions._heal(True)
    assert [caching.version("notes"), bump(), bump()] == [0, 1, 2]
