"""The servers that tests start for themselves: they come, stand still, go, and leave nothing behind."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import amqp
import psutil
import psycopg
import pytest
import redis

from tests.support.instances import Postgres, needs, postgres, redis_cluster, redis_server, replica
from tests.support.instances.rabbitmq import Rabbit

ROOT = Path(__file__).resolve().parents[2]
HELD = """
import sys
from tests.support.instances import postgres, redis_server
with postgres() as first, redis_server() as second:
    second.freeze()
    print(first.pid, second.pid, first.folder, second.folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def primary() -> Iterator[Postgres]:
    with postgres() as server:
        yield server


def test_postgres_keeps_what_was_committed_before_it_was_killed(primary: Postgres) -> None:
    primary.ask("create table kept as select 1 as number")
    primary.kill()
    with pytest.raises(psycopg.OperationalError):
        primary.ask("select 1")
    primary.start()
    primary.restart("immediate")
    assert primary.ask("select number from kept") == [(1,)]


def test_a_replica_shows_what_is_committed_unless_it_is_paused(primary: Postgres) -> None:
    primary.ask("create table followed (number int)")
    with replica(primary) as copy:
        copy.catch_up()
        copy.pause()
        primary.ask("insert into followed values (1)")
        assert copy.ask("select * from followed") == []
        copy.resume()
        copy.catch_up()
        assert copy.ask("select * from followed") == [(1,)]
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            copy.ask("insert into followed values (2)")


def test_a_frozen_redis_holds_the_line_and_a_thawed_one_answers() -> None:
    with redis_server() as server, redis.Redis.from_url(server.url, socket_timeout=0.1, retry=None) as client:
        client.ping()
        server.freeze()
        with pytest.raises(redis.TimeoutError):
            client.ping()
        server.thaw()
        assert client.ping() is True


def test_a_cluster_shares_its_keys_between_two_shards() -> None:
    with redis_cluster() as cluster:
        address = cluster.url.replace("redis+cluster", "redis")
        with closing(redis.RedisCluster.from_url(address)) as client:
            for number in range(20):
                client.set(f"key {number}", number)
            assert [int(client.get(f"key {number}")) for number in range(20)] == list(range(20))
        assert sum(int(node.ask("DBSIZE")) for node in cluster.nodes) == 20
        assert all(int(node.ask("DBSIZE")) > 0 for node in cluster.nodes)


def test_a_broker_blocks_publishers_while_its_alarm_rings(rabbit: Rabbit) -> None:
    vhost = rabbit.vhost("instances").rpartition("/")[2]
    blocked: list[str] = []
    with amqp.Connection(
        f"127.0.0.1:{rabbit.port}",
        virtual_host=vhost,
        on_blocked=lambda _: blocked.append("blocked"),
        on_unblocked=lambda: blocked.append("unblocked"),
    ) as connection:
        channel = connection.channel()
        rabbit.raise_alarm()
        channel.basic_publish(amqp.Message("held back"), routing_key="nowhere")
        connection.drain_events(timeout=5)
        rabbit.clear_alarm()
        connection.drain_events(timeout=5)
    assert blocked == ["blocked", "unblocked"]


def test_a_killed_test_run_leaves_neither_process_nor_folder() -> None:
    run = subprocess.Popen([sys.executable, "-c", HELD], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert run.stdin is not None
    assert run.stdout is not None
    with run.stdin, run.stdout:
        *processes, first, second = run.stdout.readline().decode().split()
        run.kill()
        run.wait()
    end = time.monotonic() + 10
    while (left := _left(processes, [first, second])) and time.monotonic() < end:
        os.sched_yield()
    assert left == []


def _left(processes: list[str], folders: list[str]) -> list[str]:
    running = {str(process.pid) for process in psutil.process_iter(["status"]) if process.info["status"] != "zombie"}
    return [process for process in processes if process in running] + [one for one in folders if Path(one).exists()]


def test_a_missing_program_skips_and_says_what_it_needs() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"^needs a-server-nobody-has$"):
        needs("a-server-nobody-has")
