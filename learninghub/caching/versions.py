"""Versions of what is cached: a write bumps its scope, and every cached answer of that scope is out of date.

Redis keeps a version per scope, in microseconds of its clock and ever growing; without Redis each process counts. How
late a process may see what another has committed:
- Redis well: milliseconds (the bus); 5 s where the word was lost, by asking for the versions.
- Redis away at the commit or since: 60 s, the life of an answer kept in a process. The writer itself sees it at once.
- A writer that alone cannot reach Redis owes the bump: it pays within 5 s of reaching it again. If it dies before,
  the answers kept in Redis live on to their end: twice their seconds and a tenth, and the minute above (API answers:
  12 minutes); one made of another kept answer, as long as both together.
- Redis emptied: nothing is out of date, for what it held is gone too. Set back to an earlier version: 5 s.
After Redis was away every listening process bumps all it knows, so that what a dead one owed is paid as well.
"""

from threading import Lock

import structlog
from django.db import transaction
from redis import Redis

from learninghub import bus, redis

_TOPIC = "cache"
_BUMP = """
local time = redis.call('TIME')
local version = math.max(time[1] * 1000000 + time[2], tonumber(ARGV[1]) + 1)
version = math.max(version, tonumber(redis.call('GET', KEYS[1]) or 0) + 1)
redis.call('SET', KEYS[1], string.format('%.0f', version))
return string.format('%.0f', version)
"""
_AGREE = """
local version = redis.call('GET', KEYS[1])
if version and tonumber(version) >= tonumber(ARGV[1]) then return version end
if not version then
    local time = redis.call('TIME')
    version = math.max(time[1] * 1000000 + time[2], tonumber(ARGV[1]) + 1)
else
    version = tonumber(ARGV[1])
end
redis.call('SET', KEYS[1], string.format('%.0f', version))
return string.format('%.0f', version)
"""

log = structlog.get_logger(__name__)

_known: dict[str, int] = {}
_owed: set[str] = set()
_lock = Lock()  # a version that fell back would revive old answers


def version(scope: str) -> int:
    """The scope's version as this process knows it; Redis is asked the first time."""
    known = _known.get(scope)
    if known is not None:
        return known
    client = redis.client()
    if client is None:
        return note(scope, 0)
    try:
        return note(scope, _ask(client, scope, _AGREE))
    except redis.Down:
        return 0  # older than anything Redis will say


def bump(scope: str) -> None:
    """Invalidates the scope after commit, in every process."""
    transaction.on_commit(lambda: _bump(scope))


def note(scope: str, seen: int) -> int:
    """Takes over a version that was seen elsewhere, unless a later one is known; returns the later."""
    with _lock:
        _known[scope] = max(_known.get(scope, 0), seen)
        return _known[scope]


def _bump(scope: str) -> None:
    client = redis.client()
    later = 0
    if client is not None:
        try:
            later = _ask(client, scope, _BUMP)
        except redis.Down:
            with _lock:
                _owed.add(scope)
    with _lock:
        _known[scope] = later = max(_known.get(scope, 0) + 1, later)
    bus.announce(_TOPIC, f"{scope} {later}")


def _heal(missed: bool) -> None:  # noqa: FBT001  as the bus calls it
    """Pays what is owed, and asks for the version of every scope this process knows."""
    client = redis.client()
    if client is None:
        return
    with _lock:
        if missed:
            _owed.update(_known)
        scopes = sorted(_known | dict.fromkeys(_owed, 0))
    for scope in scopes:
        try:
            _settle(client, scope)
        except redis.Down as error:
            log.warning("caching.not_healed", scope=scope, reason=str(error))


def _settle(client: redis.Client, scope: str) -> None:
    with _lock:
        owes = scope in _owed
        _owed.discard(scope)
    try:
        later = note(scope, _ask(client, scope, _BUMP if owes else _AGREE))
    except redis.Down:
        if owes:
            with _lock:
                _owed.add(scope)
        raise
    if owes:
        bus.announce(_TOPIC, f"{scope} {later}")


def _ask(client: redis.Client, scope: str, script: str) -> int:
    key = f"v1:learninghub:version:{scope}:anon"

    def run(node: Redis) -> int:
        return int(str(node.eval(script, 1, key, str(_known.get(scope, 0))), "ascii"))

    return client.ask(key, run)


def _hear(word: str) -> None:
    scope, _, seen = word.rpartition(" ")
    note(scope, int(seen))


bus.subscribe(_TOPIC, _hear)
bus.heal_with(_heal)
