"""Versions of what is cached: a write bumps its scope, and every cached answer of that scope is out of date."""

from collections import Counter
from threading import Lock

from learninghub import bus

_TOPIC = "cache"
_versions: Counter[str] = Counter()
_lock = Lock()  # two bumps at once are two: a version that fell back would revive old answers


def version(scope: str) -> int:
    """The scope's version as this process knows it."""
    return _versions[scope]


def snapshot() -> Counter[str]:
    """Every scope's version at this moment."""
    with _lock:
        return _versions.copy()


def bump(scope: str) -> None:
    """Invalidates the scope after commit, in every process."""
    bus.tell(_TOPIC, scope)


def _note(scope: str) -> None:
    with _lock:
        _versions[scope] += 1


bus.subscribe(_TOPIC, _note)
