"""Results of queries that many ask for, kept as JSON in the process and in Redis."""

from collections.abc import Callable
from typing import Any

import orjson

from learninghub import redis
from learninghub.caching.levels import Levels, Made
from learninghub.http.json import dumps

_NEGATIVE_SECONDS = 30.0

_results: Levels[bytes] = Levels("process", entries=2048, near_seconds=60.0, dump=bytes, load=bytes)


def remember(key: str, scope: str, seconds: float, make: Callable[[], Any]) -> Any:
    """What `make` gave for the key under the scope's present version, as JSON gives it back (a date as its text).

    None is kept for 30 s. Without Redis `make` is asked every time. Raises what `make` raises, and Unavailable.
    """
    if redis.client() is None:
        return make()
    kept = _results.peek(key)
    if kept is None:
        kept = _results.fetch(key, scope=scope, make=lambda: _made(make(), seconds))
    return None if kept is None else orjson.loads(kept)


def forget_near() -> None:
    """Forgets what this process keeps; Redis keeps its own."""
    _results.clear()


def _made(value: Any, seconds: float) -> Made[bytes]:
    return Made(dumps(value), _NEGATIVE_SECONDS if value is None else seconds)
