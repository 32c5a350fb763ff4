"""The client against a single node and a cluster of two shards: alike in use, and bounded when they fail."""

import os
from collections.abc import Iterator

import pytest
import redis as library

from learninghub import redis
from learninghub.breaker import State
from learninghub.redis import Client, Down
from tests.support.instances import RedisCluster, RedisServer, redis_cluster
from tests.support.shared_redis import Clock, nodes

KEYS = [f"key{number}" for number in range(12)]
TAG = "{one}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(redis_at: RedisServer | RedisCluster, clock: Clock) -> Iterator[Client]:
    client = Client(redis_at.url, clock=clock, timeout=0.1)
    yield client
    client.close()


def put(client: Client, key: str, value: str) -> None:
    client.ask(key, lambda node: node.set(key, value))


def fetch(client: Client, key: str) -> bytes | None:
    return client.ask(key, lambda node: node.get(key))


def fails(client: Client, key: str) -> bool:
    try:
        fetch(client, key)
    except Down:
        return True
    return False


def test_every_key_finds_its_node(client: Client):
    for key in KEYS:
        put(client, key, f"of {key}")
    assert [fetch(client, key) for key in KEYS] == [f"of {key}".encode() for key in KEYS]


def test_two_keys_of_one_tag_meet_in_one_pipeline(client: Client):
    def both(node: library.Redis) -> list[object]:
        with node.pipeline(transaction=True) as pipeline:
            return pipeline.set(f"a{TAG}", 1).incr(f"b{TAG}").get(f"a{TAG}").execute()

    client.ask(TAG, lambda node: node.delete(f"b{TAG}"))
    assert client.ask(TAG, both) == [True, 1, b"1"]


def test_what_is_published_reaches_whoever_listens_at_any_node(client: Client):
    with client.ask_any(lambda node: node.pubsub()) as ear:
        ear.subscribe("news")
        assert ear.get_message(timeout=10)["type"] == "subscribe"
        client.ask_any(lambda node: node.publish("news", "word"))
        assert ear.get_message(timeout=10)["data"] == b"word"


def test_a_refusal_is_down_too(client: Client):
    put(client, "text", "no number")
    with pytest.raises(Down):
        client.ask("text", lambda node: node.incr("text"))


@pytest.mark.parametrize("fault", ["freeze", "stop"])
def test_it_is_asked_twenty_times_then_no_more_and_recovers_by_itself(
    redis_at: RedisServer | RedisCluster, client: Client, clock: Clock, fault: str
):
    assert {breaker.state for breaker in client.breakers()} == {State.CLOSED}
    asked: list[int] = []

    def ask() -> bool:
        try:
            client.ask("key", lambda node: (asked.append(1), node.get("key")))
        except Down:
            return True
        return False

    getattr(redis_at, fault)()
    try:
        assert [ask() for _ in range(30)] == [True] * 30
    finally:
        redis_at.thaw() if fault == "freeze" else redis_at.start()
    assert len(asked) == 20
    assert State.OPEN in {breaker.state for breaker in client.breakers()}

    clock.now += 30
    assert ask() is False
    assert {breaker.state for breaker in client.breakers()} == {State.CLOSED}


def test_a_connection_that_was_cut_while_idle_costs_nothing(client: Client, redis_at: RedisServer | RedisCluster):
    for key in KEYS:
        put(client, key, "kept")
    for node in nodes(redis_at):
        node.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert [fetch(client, key) for key in KEYS] == [b"kept"] * len(KEYS)


def test_a_frozen_shard_takes_only_its_own_keys_with_it(clock: Clock):
    with redis_cluster(shards=3) as cluster:  # two of three are a majority
        for node in cluster.nodes:
            node.ask("CONFIG", "SET", "cluster-require-full-coverage", "no")
        client = Client(cluster.url, clock=clock, timeout=0.1)
        for key in KEYS:
            put(client, key, "kept")
        cluster.nodes[0].freeze()
        for _ in range(25):
            answers = [fails(client, key) for key in KEYS]
        assert sorted(set(answers)) == [False, True]
        assert sorted(breaker.state for breaker in client.breakers()) == [State.CLOSED, State.CLOSED, State.OPEN]
        cluster.nodes[0].thaw()
        cluster.wait_until_whole()
        clock.now += 30
        assert [fails(client, key) for key in KEYS] == [False] * len(KEYS)
        client.close()


def test_a_slot_that_moved_is_followed(clock: Clock):
    with redis_cluster() as cluster:
        client = Client(cluster.url, clock=clock)
        put(client, "key", "old place")
        slot = int(str(cluster.nodes[0].ask("CLUSTER", "KEYSLOT", "key")))
        owner, other = sorted(cluster.nodes, key=lambda node: not _owns(node, slot))
        other_id = str(other.ask("CLUSTER", "MYID"))
        owner.ask("DEL", "key")
        for node in (other, owner):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", other_id)
        put(client, "key", "new place")
        assert (fetch(client, "key"), other.ask("CLUSTER", "COUNTKEYSINSLOT", slot)) == (b"new place", 1)
        client.close()


def _owns(node: RedisServer, slot: int) -> bool:
    mine = str(node.ask("CLUSTER", "NODES")).split("myself")[1].splitlines()[0].split()[-1]
    first, last = mine.split("-")
    return int(first) <= slot <= int(last)


@pytest.mark.parametrize("scheme", ["redis", "redis+cluster"])
def test_where_nobody_listens_it_is_down_and_nothing_is_raised_before_it_is_asked(scheme: str):
    client = Client(f"{scheme}://127.0.0.1:1")
    assert fails(client, "key")
    assert fails(client, "key")


def test_none_is_configured_without_an_address(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(redis, "_client", None)
    redis.use("")
    assert redis.client() is None


def test_a_forked_child_has_connections_of_its_own(redis_at: RedisServer | RedisCluster):
    def address(key: str) -> bytes:
        return client.ask(key, lambda node: str(node.client_id()).encode())

    redis.use(redis_at.url)
    try:
        client = redis.client()
        assert client is not None
        mine = {key: address(key) for key in KEYS}
        assert {key: address(key) for key in KEYS} == mine
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            client = redis.client()
            os.write(write, b" ".join(address(key) for key in KEYS))
            os._exit(0)
        os.close(write)
        assert os.waitpid(child, 0)[1] == 0
        theirs = os.read(read, 10_000).split()
        os.close(read)
        assert len(theirs) == len(KEYS)
        assert set(theirs).isdisjoint(mine.values())
        assert {key: address(key) for key in KEYS} == mine
    finally:
        redis.use("")
