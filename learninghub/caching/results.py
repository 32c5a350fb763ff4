"""Results of queries that many ask for, kept as JSON in the process and in Redis."""

import hashlib
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson

from learninghub import redis
from learninghub.caching.levels import Levels, Made
from learninghub.http.json import dumps

ANON = "anon"  # whoever asks
SCHEMA = 1  # of what is kept: another number leaves the old answers to their end
_NEGATIVE_SECONDS = 30.0
_AUDIENCE = re.compile(r"anon|[a-z]+|u[0-9a-f-]{36}")

_results: Levels[bytes] = Levels("process", entries=2048, near_seconds=60.0, dump=bytes, load=bytes)


def key(*, app: str, what: str, of: str | UUID, audience: str = ANON) -> str:
    """`v{schema}:{app}:{what}:{of}:{audience}`; who may see the answer is part of its name (R26).

    The audience is ANON, a role, or `person(user_id)`. An id that is not plain is named by its digest.
    """
    if not _AUDIENCE.fullmatch(audience):
        raise ValueError(f"{audience!r} is no audience")
    name = str(of)
    if not re.fullmatch(r"[a-z0-9_-]{1,64}", name):
        name = hashlib.sha256(name.encode()).hexdigest()
    return f"v{SCHEMA}:{app}:{what}:{name}:{audience}"


def person(user_id: UUID) -> str:
    """The audience of one person."""
    return f"u{user_id}"


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
