"""Redis: a single node, and a cluster of two shards."""

import contextlib
import itertools
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redis

from tests.support.instances.server import Server, folder, free_port, needs, until

SLOTS = 16384


class RedisServer(Server):
    """One node that keeps nothing on disk."""

    def __init__(self, folder: Path, *extra: str) -> None:
        super().__init__(folder)
        self._extra = extra

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> Sequence[str | Path]:
        words = {"--port": str(self.port), "--bind": "127.0.0.1", "--save": "", "--appendonly": "no"}
        return ["redis-server", *itertools.chain(*words.items()), *self._extra]

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(7) == b"+PONG\r\n"
        return False

    def ask(self, *words: str | int) -> object:
        with redis.Redis(port=self.port, decode_responses=True) as client:
            return client.execute_command(*words)


class RedisCluster:
    """Shards without copies. Stopping one makes its half of the keys, and so the cluster, unavailable."""

    def __init__(self, nodes: Sequence[RedisServer]) -> None:
        self.nodes = nodes

    @property
    def url(self) -> str:
        return f"redis+cluster://127.0.0.1:{self.nodes[0].port}"

    def join(self) -> None:
        """Shares the slots out and waits until every node knows it."""
        first, *others = self.nodes
        share = -(-SLOTS // len(self.nodes))
        for number, node in enumerate(self.nodes):
            last = min(SLOTS, (number + 1) * share) - 1
            node.ask("CLUSTER", "ADDSLOTSRANGE", number * share, last)
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for node in others:
            first.ask("CLUSTER", "MEET", "127.0.0.1", node.port, node.bus_port)
        self.wait_until_whole()

    def wait_until_whole(self) -> None:
        until(lambda: all(_is_whole(node, len(self.nodes)) for node in self.nodes), "the cluster does not meet")

    def start(self) -> None:
        for node in self.nodes:
            node.start()
        self.wait_until_whole()

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def kill(self) -> None:
        for node in self.nodes:
            node.kill()

    def freeze(self) -> None:
        for node in self.nodes:
            node.freeze()

    def thaw(self) -> None:
        for node in self.nodes:
            node.thaw()


class _Shard(RedisServer):
    def __init__(self, folder: Path) -> None:
        self.bus_port = free_port()
        words = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port", str(self.bus_port))
        super().__init__(folder, *words)


@contextmanager
def redis_server(*extra: str) -> Iterator[RedisServer]:
    """A Redis; `extra` are more words of its command line, such as "--maxmemory", "1mb"."""
    needs("redis-server")
    with folder("redis") as place, RedisServer(place, *extra) as server:
        yield server


@contextmanager
def redis_cluster(*, shards: int = 2) -> Iterator[RedisCluster]:
    needs("redis-server")
    with ExitStack() as stack:
        nodes = [stack.enter_context(_shard()) for _ in range(shards)]
        cluster = RedisCluster(nodes)
        cluster.join()
        yield cluster


@contextmanager
def _shard() -> Iterator[_Shard]:
    with folder("redis") as place, _Shard(place) as shard:
        yield shard


def _is_whole(node: RedisServer, nodes: int) -> bool:
    said = str(node.ask("CLUSTER", "INFO"))
    return f"cluster_known_nodes:{nodes}\r" in said + "\r" and "cluster_state:ok" in said
