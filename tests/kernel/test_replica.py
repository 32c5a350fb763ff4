"""Reads from a real copy of a real primary: fresh, late, dead, promoted, and after one's own write."""

import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from learninghub import redis
from learninghub.caching.levels import Levels, Made
from learninghub.db import replica, uuid7
from learninghub.db.postgresql.base import open_pools
from tests.support import instances
from tests.support.instances import Postgres, RedisCluster, RedisServer, Replica
from tests.support.instances.server import until
from tests.support.shared_redis import away

ME = uuid7()


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Postgres, Replica, RedisServer]]:
    with instances.postgres() as primary:
        primary.ask("create table word (said text)")
        primary.ask("insert into word values ('first')")
        with instances.replica(primary) as copy, instances.redis_server() as pins:
            yield primary, copy, pins


@pytest.fixture
def primary(servers: tuple) -> Postgres:
    return servers[0]


@pytest.fixture
def copy(servers: tuple) -> Replica:
    return servers[1]


@pytest.fixture
def pins(redis_at: RedisServer | RedisCluster, _routed: None) -> RedisServer | RedisCluster:
    """Where pins are kept instead: a single node, then a cluster."""
    redis.use(redis_at.url)
    return redis_at


@pytest.fixture(autouse=True)
def _routed(servers: tuple, django_db_blocker: object, monkeypatch: pytest.MonkeyPatch, settings: object) -> Iterator:
    primary, copy, pins = servers
    names = {"the_primary": primary, "replica_1": copy}
    for alias, server in names.items():
        connections.settings[alias] = connections.settings["default"] | {
            "NAME": "postgres",
            "HOST": "127.0.0.1",
            "PORT": urlsplit(server.url).port,
            "USER": "postgres",
        }
    monkeypatch.setattr(replica, "_primary", "the_primary")
    monkeypatch.setattr(replica, "MEASURE_SECONDS", 0.05)
    settings.REPLICA_URLS = ["one"]
    redis.use(pins.url)
    with django_db_blocker.unblock():
        yield
        for watch in replica._watches:
            watch.stop()
        replica._watches.clear()
        for alias in names:
            connections[alias].close()
            if alias in open_pools():
                open_pools().pop(alias).close()
            del connections[alias]
            del connections.settings[alias]
    redis.use("")


@replica.replica_ok
def words() -> tuple[list[str], bool]:
    """What is said, and whether a replica says it."""
    with replica.source().cursor() as cursor:
        cursor.execute("select array_agg(said order by said), pg_is_in_recovery() from word")
        return cursor.fetchone()


def unmarked() -> bool:
    with replica.source().cursor() as cursor:
        cursor.execute("select pg_is_in_recovery()")
        return cursor.fetchone()[0]


def from_replica(user_id: object = ME) -> bool:
    with replica.reading_for(user_id):
        return words()[1]


@pytest.fixture
def fresh(copy: Replica) -> None:
    copy.catch_up()
    (watch,) = replica.watch(["replica_1"])
    until(lambda: watch.lag() < 2, "the replica is not fresh")


@pytest.mark.usefixtures("fresh")
class TestAReadOfTheReplica:
    def test_is_a_marked_one_of_somebody_who_wrote_nothing(self):
        assert from_replica() is True
        assert words()[1] is False
        assert from_replica(None) is False
        with replica.reading_for(ME):
            assert unmarked() is False

    def test_costs_the_same_statements(self):
        counts = []
        for user_id, alias in ((ME, "replica_1"), (None, "the_primary")):
            from_replica(user_id)
            with CaptureQueriesContext(connections[alias]) as captured:
                from_replica(user_id)
            counts.append(len(captured))
        assert counts == [1, 1]

    def test_is_not_one_within_a_transaction(self):
        with transaction.atomic(using="the_primary"):
            assert from_replica() is False

    def test_never_fills_what_is_kept_for_others(self):
        kept: Levels[bytes] = Levels("process", entries=1, near_seconds=60, dump=bytes, load=bytes)
        with replica.reading_for(ME):
            made = kept.fetch("k", scope="courses", make=lambda: Made(str(words()[1]).encode(), 60))
        assert made == b"False"

    def test_is_not_one_after_the_persons_own_write(
        self, copy: Replica, primary: Postgres, pins: RedisServer | RedisCluster
    ):
        someone = uuid7()
        copy.pause()
        try:
            primary.ask("insert into word values ('mine')")
            replica.pin(someone)
            with replica.reading_for(someone):
                assert words() == (["first", "mine"], False)
            with replica.reading_for(ME):
                assert words() == (["first"], True)
        finally:
            copy.resume()
            primary.ask("delete from word where said = 'mine'")

    @pytest.mark.parametrize("fault", ["stopped", "frozen"])
    def test_is_not_one_while_redis_is_away(self, pins: RedisServer | RedisCluster, fault: str):
        assert from_replica() is True
        with away(pins, fault):
            assert from_replica() is False

    def test_may_be_one_once_redis_has_forgotten_the_write(self, pins: RedisServer | RedisCluster):
        someone = uuid7()
        replica.pin(someone)
        assert from_replica(someone) is False
        with away(pins, "emptied"):
            assert from_replica(someone) is True


@pytest.mark.usefixtures("fresh")
class TestAReplica:
    def test_that_falls_behind_is_left_out_until_it_has_caught_up(
        self, copy: Replica, primary: Postgres, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(replica, "FRESH_SECONDS", 0.5)
        copy.pause()
        primary.ask("insert into word values ('late')")
        until(lambda: not from_replica(), "the late replica is still read")
        copy.resume()
        until(from_replica, "the replica is not read again")
        primary.ask("delete from word where said = 'late'")

    def test_of_an_idle_primary_is_not_late(self, copy: Replica, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(replica, "FRESH_SECONDS", 0.5)
        copy.pause()
        try:
            (watch,) = replica.watch(["replica_1"])
            threading.Event().wait(1.0)
            assert watch.lag() < 0.5
        finally:
            copy.resume()

    def test_that_dies_costs_nobody_an_answer_and_is_tried_again(self, copy: Replica):
        assert from_replica() is True
        copy.kill()
        assert from_replica() is False
        copy.start()
        until(from_replica, "the replica is not read again")


def test_what_was_promoted_by_mistake_is_no_replica(primary: Postgres, fresh: None):
    assert from_replica() is True
    with instances.replica(primary) as other:
        connections.settings["replica_1"]["PORT"] = urlsplit(other.url).port
        watch = replica.Watch("replica_1")
        with replica._connect("the_primary") as one, replica._connect("replica_1") as two:
            other.catch_up()
            watch.measure(one, two)
            assert watch.lag() < 5
            other.ask("select pg_promote(true)")
            watch.measure(one, two)
            assert watch.lag() == float("inf")
