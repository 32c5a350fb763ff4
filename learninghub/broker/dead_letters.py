"""Dead letters, in rows and in RabbitMQ: looked at, sent once more, or thrown away with a reason (rules R17, R18)."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, Protocol
from uuid import UUID, uuid5

from django.db import transaction

from learninghub import audit
from learninghub.broker import connecting, topology
from learninghub.broker.wire import unpack
from learninghub.clock import now
from learninghub.metrics import definitions, measuring
from learninghub.outbox.envelope import Envelope
from learninghub.outbox.models import QueuedMessage
from learninghub.outbox.relay import Transport
from learninghub.outbox.rows import envelope_of
from learninghub.registry import QUEUES

OPERATOR = UUID(int=0)  # who acts at a shell; the audit log's details say more
_SHOWN = 4096  # bytes of a body


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One message that was given up. `envelope` is None where it is none of ours, and `body` shows what it is."""

    id: UUID
    queue: str
    target: str
    reason: str
    died_at: datetime | None
    attempts: int
    envelope: Envelope | None
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which letters: of one queue, of one id, at most so many."""

    queue: str | None = None
    id: UUID | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A letter as it lies there, and what takes it away for good; what is not taken away stays."""

    letter: DeadLetter
    take_away: Callable[[], object]


class Grave(Protocol):
    """A place where dead letters lie."""

    def open(self, wanted: Wanted) -> AbstractContextManager[list[Found]]:
        """The wanted letters, oldest first, held until the block ends."""

    def send_again(self, letter: DeadLetter) -> bool:
        """Puts the letter back to work with all its tries before it; says whether it is safely there."""


class Rows:
    """Letters that died as rows, in the one-process shape."""

    @contextmanager
    def open(self, wanted: Wanted) -> Iterator[list[Found]]:
        rows = QueuedMessage.objects.filter(dead_at__isnull=False).order_by("dead_at", "id")
        if wanted.queue:
            rows = rows.filter(queue=wanted.queue)
        if wanted.id:
            rows = rows.filter(message_id=wanted.id)
        # A row that was put back to work is dead no more, and stays.
        yield [
            Found(_of_row(row), QueuedMessage.objects.filter(id=row.id, dead_at__isnull=False).delete)
            for row in rows[: wanted.limit]
        ]

    def send_again(self, letter: DeadLetter) -> bool:
        dead = QueuedMessage.objects.filter(message_id=letter.id, target=letter.target, dead_at__isnull=False)
        again = {"attempts": 0, "last_error": "", "leased_until": None}
        return bool(dead.update(dead_at=None, available_at=now(), **again))


class DeadQueues:
    """Letters in RabbitMQ's dead-letter queues; what is held goes back when the block ends."""

    def __init__(self, url: str, *, transport: Transport) -> None:
        self._url = url
        self._transport = transport

    @contextmanager
    def open(self, wanted: Wanted) -> Iterator[list[Found]]:
        with _channel(self._url) as channel:
            found: list[Found] = []
            for queue in [wanted.queue] if wanted.queue else QUEUES:
                found += islice(_found(channel, queue, wanted.id), wanted.limit - len(found))
            yield found

    def send_again(self, letter: DeadLetter) -> bool:
        if letter.envelope is None:
            return False
        envelope = dataclasses.replace(letter.envelope, queue=letter.queue, attempts=0)
        return envelope.message_id in self._transport.send([envelope])


def replay(grave: Grave, wanted: Wanted) -> tuple[list[DeadLetter], list[DeadLetter]]:
    """Sends the letters once more; returns those that went and those that stayed: unreadable, or not confirmed.

    Each is taken away only when its queue has it, so a death in between sends it twice; the inbox makes that once.
    """
    went, stayed = [], []
    with grave.open(wanted) as found:
        for one in found:
            if grave.send_again(one.letter):
                one.take_away()
                went.append(one.letter)
            else:
                stayed.append(one.letter)
    return went, stayed


def discard(grave: Grave, wanted: Wanted, *, reason: str, who: str) -> list[DeadLetter]:
    """Throws the letters away. The audit log has said which, who and why before any of them is gone."""
    with grave.open(wanted) as found:
        with transaction.atomic():
            for one in found:
                audit.record(
                    action="dead_letters.discarded",
                    by=OPERATOR,
                    subject=one.letter.id,
                    reason=reason,
                    details={"who": who, "queue": one.letter.queue, "target": one.letter.target},
                    now=now(),
                )
        for one in found:
            one.take_away()
    return [one.letter for one in found]


def depths(url: str) -> Iterator[tuple[str, int, int]]:
    """Each queue of the broker, how many messages wait in it, and how many of its dead letters lie there."""
    with _channel(url) as channel:
        for queue in QUEUES:
            yield queue, _length(channel, queue), _length(channel, topology.dead_queue(queue).name)


def measure_queues(url: str) -> None:
    """Has this process show what lies in the broker's queues, beside the dead rows of the tables."""
    dead_rows = QueuedMessage.objects.filter(dead_at__isnull=False)
    measuring.ask(definitions.QUEUE_DEPTH, lambda: [(queue, waiting) for queue, waiting, _ in depths(url)])
    measuring.ask(
        definitions.DEAD_LETTERS,
        lambda: [(queue, dead + dead_rows.filter(queue=queue).count()) for queue, _, dead in depths(url)],
    )


@contextmanager
def _channel(url: str) -> Iterator[Any]:
    connection = connecting.connect(url)
    try:
        topology.declare(connection)
        yield connection.channel()
    finally:
        connecting.say_goodbye(connection)


def _length(channel: Any, queue: str) -> int:
    return int(channel.queue_declare(queue, passive=True).message_count)


def _found(channel: Any, queue: str, wanted_id: UUID | None) -> Iterator[Found]:
    """What lies in the queue now: taken one by one and held, so that none is seen twice."""
    name = topology.dead_queue(queue).name
    for _ in range(_length(channel, name)):
        message = channel.basic_get(name)
        if message is None:
            return
        letter = _of_message(message, queue)
        if wanted_id in {None, letter.id}:
            yield Found(letter, partial(channel.basic_ack, message.delivery_tag))


def _of_row(row: QueuedMessage) -> DeadLetter:
    return DeadLetter(
        id=row.message_id,
        queue=row.queue,
        target=row.target,
        reason=row.last_error or "its worker died each time",
        died_at=row.dead_at,
        attempts=row.attempts,
        envelope=envelope_of(row),
        body="",
    )


def _of_message(message: Any, queue: str) -> DeadLetter:
    body = message.body if isinstance(message.body, bytes) else str(message.body).encode()
    death: dict[str, Any] = next(iter((message.properties.get("application_headers") or {}).get("x-death") or []), {})
    reason = str(death.get("reason", ""))
    try:
        envelope = unpack(json.loads(body)[0][0])
    except (ValueError, LookupError, TypeError, RecursionError):
        envelope = None
    # The broker counts no tries in a dead letter; what we counted lacks the last.
    tries = topology.DELIVERY_LIMIT + 1 if reason == "delivery_limit" else 1
    died_at = death.get("time")
    return DeadLetter(
        id=envelope.message_id if envelope else _id_of(message, body),
        queue=queue,
        target=envelope.target if envelope else "",
        reason=reason if envelope else f"{reason}: not one of ours, or of a schema unknown here",
        died_at=died_at.replace(tzinfo=UTC) if died_at and died_at.tzinfo is None else died_at,
        attempts=(envelope.attempts if envelope else 0) + tries,
        envelope=envelope,
        body=body[:_SHOWN].decode(errors="replace"),
    )


def _id_of(message: Any, body: bytes) -> UUID:
    """What a strange message calls itself, or a name made of its content: the same at every look."""
    try:
        return UUID(message.properties.get("message_id", ""))
    except ValueError:
        return uuid5(OPERATOR, hashlib.sha256(body).hexdigest())
