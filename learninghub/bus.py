"""Tells every process what has been committed. A lost word is harmless: listeners have a time to live as backstop."""

from collections import defaultdict
from collections.abc import Callable

import structlog
from django.db import transaction

log = structlog.get_logger(__name__)

_listeners: dict[str, list[Callable[[str], None]]] = defaultdict(list)


def subscribe(topic: str, listener: Callable[[str], None]) -> None:
    """Calls the listener with every word told on the topic from now on."""
    _listeners[topic].append(listener)


def tell(topic: str, word: str) -> None:
    """Tells the topic's listeners after commit, or at once outside a transaction."""
    transaction.on_commit(lambda: _dispatch(topic, word))


def _dispatch(topic: str, word: str) -> None:
    for listener in _listeners[topic]:
        try:
            listener(word)
        except Exception:  # what was told has been committed: no listener may turn it into a failure
            log.exception("bus.listener_failed", topic=topic)
