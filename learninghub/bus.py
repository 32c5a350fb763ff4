"""Tells every process what has been committed, over Redis where there is one. A word may be lost: each listener has a
backstop of its own, a time to live or a question it asks now and then.

A process hears what it tells at once and once, the others within milliseconds while they listen.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from random import uniform
from threading import Event, Lock, Thread

import structlog
from django.db import close_old_connections, transaction
from redis import Redis, RedisError
from redis.client import PubSub
from redis.exceptions import TimeoutError as Silent

from learninghub import redis
from learninghub.redis.client import TIMEOUT_SECONDS

CHANNEL = redis.BUS_CHANNEL
HEAL_SECONDS = 5.0
_LOOK_SECONDS = 0.5  # how soon a listening thread sees that it is to stop
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0

log = structlog.get_logger(__name__)

_listeners: dict[str, list[Callable[[str], None]]] = defaultdict(list)
_healers: list[Callable[[bool], None]] = []


def subscribe(topic: str, listener: Callable[[str], None]) -> None:
    """Calls the listener with every word told on the topic from now on, in whatever thread hears it."""
    _listeners[topic].append(listener)


def heal_with(healer: Callable[[bool], None]) -> None:
    """Calls it every 5 seconds where this process listens, with whether words may have been missed since."""
    _healers.append(healer)


@dataclass(frozen=True, slots=True)
class Note:
    """What is written in Redis on the same way as a word, at its key's node: whoever missed the word may look there."""

    key: str
    write: Callable[[Redis], object]


def tell(topic: str, word: str, *, note: Note | None = None) -> None:
    """Tells the topic's listeners after commit, or at once outside a transaction. A topic holds no space."""
    transaction.on_commit(lambda: announce(topic, word, note=note))


def announce(topic: str, word: str, *, note: Note | None = None) -> None:
    """Tells what has been committed already."""
    _dispatch(topic, word)
    client = redis.client()
    if client is None:
        return
    text = f"{topic} {word}".encode()
    _echoes.expect(text)
    try:
        _publish(client, text, note)
    except redis.Down as error:
        _echoes.is_echo(text)
        log.warning("bus.not_told", topic=topic, reason=str(error))


def _publish(client: redis.Client, text: bytes, note: Note | None) -> None:
    """No node is waited for twice: the one that should have kept the note is not asked again to pass on the word."""

    def publish(node: Redis) -> None:
        node.publish(CHANNEL, text)

    def both(node: Redis) -> None:
        publish(node)
        if note is not None:
            note.write(node)

    if note is None:
        client.ask_any(publish)
        return
    try:
        client.ask(note.key, both)
    except redis.Down:
        client.ask_any(publish, but_of=note.key)


def listen(stop: Event) -> Thread:
    """Hears the other processes until `stop` is set, whatever becomes of Redis. To be called after the last fork."""
    thread = Thread(target=_listen, args=(stop,), name="bus", daemon=True)
    thread.start()
    return thread


class _Echoes:
    """Our own words on their way back to us; none is expected while nobody here listens."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._expected: Counter[bytes] | None = None

    def begin(self) -> None:
        with self._lock:
            self._expected = Counter()

    def end(self) -> None:
        with self._lock:
            self._expected = None

    def expect(self, text: bytes) -> None:
        with self._lock:
            if self._expected is not None:
                self._expected[text] += 1

    def is_echo(self, text: bytes) -> bool:
        """Whether we told this word ourselves; asked once for each time it is heard."""
        with self._lock:
            if not self._expected or text not in self._expected:
                return False
            self._expected[text] -= 1
            self._expected += Counter()  # drops what has come down to nought
            return True


_echoes = _Echoes()


def _listen(stop: Event) -> None:
    client = redis.client()
    missed, failures = False, 0
    while client is not None and not stop.is_set():
        try:
            with client.ask_any(_tune_in) as ear:
                failures = 0
                _hear(ear, stop, missed=missed)
        except (RedisError, redis.Down) as error:
            missed, failures = True, failures + 1
            log.warning("bus.deaf", reason=str(error))
            stop.wait(uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**failures)))  # noqa: S311
        except Exception:
            missed = True
            log.exception("bus.failed")
            stop.wait(_LONGEST_PAUSE)
        finally:
            _echoes.end()


def _tune_in(node: Redis) -> PubSub:
    ear: PubSub = node.pubsub()  # type: ignore[no-untyped-call]
    ear.subscribe(CHANNEL)
    if ear.get_message(timeout=TIMEOUT_SECONDS) is None:
        ear.close()
        raise Silent("no answer to SUBSCRIBE")
    return ear


def _hear(ear: PubSub, stop: Event, *, missed: bool) -> None:
    """Returns when told to stop; raises RedisError when the line is dead, which a frozen server's is after 10 s."""
    _echoes.begin()
    _heal(missed=missed)
    heard_at = asked_at = time.monotonic()
    while not stop.is_set():
        message = ear.get_message(timeout=_LOOK_SECONDS)
        now = time.monotonic()
        if message is not None:
            heard_at = now
            if message["type"] == "message" and not _echoes.is_echo(message["data"]):
                topic, _, word = message["data"].decode().partition(" ")
                _dispatch(topic, word)
                close_old_connections()
        if now - asked_at >= HEAL_SECONDS:
            if heard_at < asked_at:
                raise Silent("no answer to PING")
            asked_at = now
            ear.ping()
            _heal(missed=False)


def _heal(*, missed: bool) -> None:
    for healer in _healers:
        try:
            healer(missed)
        except Exception:  # one that cannot heal now is asked again in five seconds
            log.exception("bus.healer_failed")
    close_old_connections()


def _dispatch(topic: str, word: str) -> None:
    for listener in _listeners[topic]:
        try:
            listener(word)
        except Exception:  # what was told has been committed: no listener may turn it into a failure
            log.exception("bus.listener_failed", topic=topic)
