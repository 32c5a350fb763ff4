"""Asks one node of Redis at a time, with a short deadline and a breaker per node; every failure is Down."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import sample
from threading import Lock
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from redis import Redis, RedisCluster, RedisError
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.crc import key_slot
from redis.exceptions import DataError, MovedError, RedisClusterException
from redis.retry import Retry

from learninghub.breaker import Breaker
from learninghub.redis.address import parse

TIMEOUT_SECONDS = 0.25
_LOOK_SECONDS = 5.0  # how often, at most, the shape of a failing cluster is asked for

_Options = dict[str, Any]
_FAILURES = (RedisError, RedisClusterException, OSError)

T = TypeVar("T")


class Down(Exception):
    """Redis is stopped, frozen, unreachable or refuses, or its breaker is open: do without."""


@dataclass(frozen=True, slots=True)
class Node:
    """One server that takes writes."""

    redis: Redis
    breaker: Breaker


class _Nodes(Protocol):
    def all(self) -> list[Node]: ...

    def of(self, key: str) -> Node: ...

    def moved(self, error: MovedError) -> None: ...

    def suspect(self) -> None: ...

    def close(self) -> None: ...


class Client:
    """`redis://`, `rediss://`, `redis+cluster://` or `rediss+cluster://`; safe between threads."""

    def __init__(
        self, url: str, *, timeout: float = TIMEOUT_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.url = url
        options: _Options = {
            "retry": Retry(NoBackoff(), 0),
            "socket_timeout": timeout,
            "socket_connect_timeout": timeout,
            "protocol": 2,
            "driver_info": None,  # saves two round trips on each new connection
            "max_connections": 64,
        }
        address = parse(url)
        self._nodes: _Nodes = (_Cluster if address.is_cluster else _Single)(address.url, options, clock)

    def ask(self, key: str, do: Callable[[Redis], T]) -> T:
        """The result of `do` with the node that holds the key, all of it within that key's slot.

        Raises Down. Unless a slot has moved, `do` runs once: after Down it is unknown whether Redis did it.
        """
        try:
            return _call(self._nodes.of(key), do)
        except MovedError as moved:
            self._nodes.moved(moved)
        except (*_FAILURES, Down) as error:
            self._nodes.suspect()
            raise Down(str(error)) from error
        try:
            return _call(self._nodes.of(key), do)
        except _FAILURES as error:
            raise Down(str(error)) from error

    def fetch(self, keys: Iterable[str]) -> dict[str, bytes]:
        """What is kept under those of the keys that exist, by one question to each node; raises Down."""
        by_node: dict[str, list[str]] = defaultdict(list)
        try:
            for key in keys:
                by_node[self._nodes.of(key).breaker.name].append(key)
        except _FAILURES as error:
            raise Down(str(error)) from error
        found: dict[str, bytes] = {}
        for asked in by_node.values():
            answers = self.ask(asked[0], lambda node, asked=asked: _get_all(node, asked))  # type: ignore[misc]
            found |= {key: kept for key, kept in zip(asked, answers, strict=True) if kept is not None}
        return found

    def ask_any(self, do: Callable[[Redis], T], *, but_of: str | None = None) -> T:
        """The result of `do` with the first node that answers, in no order: for what belongs to no key.

        The node that holds the key `but_of` is not asked: it has failed just now.
        """
        nodes = self._nodes.all()
        if but_of is not None:
            with suppress(*_FAILURES):  # of a slot that nobody holds, no node has failed
                failed = self._nodes.of(but_of)
                nodes = [node for node in nodes if node != failed]
        reason: Exception = Down("no node is known")
        for node in sample(nodes, len(nodes)):
            try:
                return _call(node, do)
            except (*_FAILURES, Down) as error:
                reason = error
        self._nodes.suspect()
        raise Down(str(reason)) from reason

    def breakers(self) -> list[Breaker]:
        """The breakers of the nodes known by now; raises Down."""
        return [node.breaker for node in self._nodes.all()]

    def close(self) -> None:
        self._nodes.close()


def _get_all(node: Redis, keys: Sequence[str]) -> list[bytes | None]:
    with node.pipeline(transaction=False) as questions:
        for key in keys:
            questions.get(key)
        return questions.execute()


def _call(node: Node, do: Callable[[Redis], T]) -> T:
    permit = node.breaker.allow()
    if permit is None:
        raise Down(f"{node.breaker.name} is not asked for a while")
    try:
        result = do(node.redis)
    except (MovedError, DataError):  # it answered; what we could not even send is our mistake
        permit.succeeded()
        raise
    except _FAILURES:
        permit.failed()
        raise
    except BaseException:
        permit.dropped()
        raise
    permit.succeeded()
    return result


class _Single:
    def __init__(self, url: str, options: _Options, clock: Callable[[], float]) -> None:
        self._node = Node(Redis.from_url(url, **options), Breaker("redis", clock=clock))

    def all(self) -> list[Node]:
        return [self._node]

    def of(self, key: str) -> Node:
        return self._node

    def moved(self, error: MovedError) -> None:
        raise Down("a cluster was given as a single node") from error

    def suspect(self) -> None:
        pass

    def close(self) -> None:
        self._node.redis.close()


class _Cluster:
    """The library knows the shape of the cluster; who is asked, how long and how often is decided here.

    Its own `execute_command` would let every caller wait in line for a new shape whenever one node is silent.
    """

    def __init__(self, url: str, options: _Options, clock: Callable[[], float]) -> None:
        self._url = url
        self._options = options
        self._clock = clock
        self._shape: RedisCluster | None = None
        self._breakers: dict[str, Breaker] = {}
        self._looking = Lock()
        self._looks_again_at = clock()

    def all(self) -> list[Node]:
        shape = self._known()
        return [self._node(shape, node) for node in shape.get_primaries()]  # type: ignore[no-untyped-call]

    def of(self, key: str) -> Node:
        shape = self._known()
        return self._node(shape, shape.nodes_manager.get_node_from_slot(key_slot(key.encode())))

    def moved(self, error: MovedError) -> None:
        self._known().nodes_manager.move_slot(error)

    def suspect(self) -> None:
        """Looks whether another node has taken over; one caller does, and seldom."""
        if self._shape is None or not self._looking.acquire(blocking=False):
            return
        try:
            if self._clock() >= self._looks_again_at:
                self._looks_again_at = self._clock() + _LOOK_SECONDS
                self._shape.nodes_manager.initialize()
        except _FAILURES:
            pass  # nobody could tell: what is known stays
        finally:
            self._looking.release()

    def close(self) -> None:
        if self._shape is not None:
            self._shape.close()

    def _known(self) -> RedisCluster:
        if self._shape is not None:
            return self._shape
        if not self._looking.acquire(blocking=False):
            raise Down("another caller looks for the cluster")
        try:
            if self._shape is None:
                if self._clock() < self._looks_again_at:
                    raise Down(f"no node of the cluster answered at {urlsplit(self._url).hostname}")
                self._looks_again_at = self._clock() + _LOOK_SECONDS
                self._shape = RedisCluster.from_url(self._url, require_full_coverage=False, **self._options)
        except _FAILURES as error:
            raise Down(str(error)) from error
        else:
            return self._shape
        finally:
            self._looking.release()

    def _node(self, shape: RedisCluster, node: ClusterNode) -> Node:
        name = f"redis {node.name}"
        if name not in self._breakers:
            self._breakers.setdefault(name, Breaker(name, clock=self._clock))
        return Node(shape.get_redis_connection(node), self._breakers[name])
