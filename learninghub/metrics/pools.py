"""The database pools of this process, as psycopg counts them."""

from collections.abc import Callable, Iterator

from learninghub.db.postgresql.base import open_pools
from learninghub.metrics import definitions
from learninghub.metrics.reading import Row, add


def _stats() -> Iterator[tuple[str, dict[str, int]]]:
    """Of pools that are open; looking must not open one."""
    for alias, pool in open_pools().items():
        yield alias, pool.get_stats()


def _connections() -> Iterator[Row]:
    for alias, stats in _stats():
        free = stats.get("pool_available", 0)
        yield alias, "free", free
        yield alias, "used", stats.get("pool_size", 0) - free


def _stat(name: str) -> Callable[[], Iterator[Row]]:
    return lambda: ((alias, stats.get(name, 0)) for alias, stats in _stats())


def show() -> None:
    """Puts the pools on this process's page; called once, at start-up."""
    add(definitions.POOL_CONNECTIONS, _connections)
    add(definitions.POOL_MAX, _stat("pool_max"))
    add(definitions.POOL_WAITING, _stat("requests_waiting"))
    add(definitions.POOL_TIMEOUTS, _stat("requests_errors"))
    add(definitions.POOL_LOST, _stat("connections_lost"))
