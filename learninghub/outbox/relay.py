"""The relay: hands due messages to the transport, keeping the order within each aggregate (rules R3, R4, R6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F

from learninghub import metrics
from learninghub.events import UnknownFact
from learninghub.jobs import UnknownJob
from learninghub.outbox.crash import crashpoint
from learninghub.outbox.envelope import Envelope, Unsendable, address
from learninghub.outbox.models import OutboxMessage
from learninghub.outbox.publishing import PARTITIONS

BATCH = 100
PARK_AFTER = 10
KNOWN_WITHIN = timedelta(
    minutes=15
)  # while one release follows another, what the new one states the old cannot address
_LOCK_SPACE = 0x4C48

log = structlog.get_logger(__name__)


# Each partition is looked up by its own end of the index: the first row that may leave answers for it.
_DUE_PARTITIONS = """
select number
  from generate_series(0, %(partitions)s - 1) as number
 where exists (
    select from learninghub_outboxmessage
     where partition = number and published_at is null and parked_at is null and available_at <= %(now)s
 )
"""

# Only while it sends may a transaction stand idle, and only so long (R4).
_LOCK = """
select pg_try_advisory_xact_lock(%(space)s, %(partition)s),
       set_config('idle_in_transaction_session_timeout', '60s', true)
"""


class Transport(Protocol):
    """Takes envelopes to their queues."""

    def send(self, envelopes: Sequence[Envelope]) -> set[UUID]:
        """Sends them; returns the ids of the messages whose every envelope is safely queued.

        Raises Unsendable, naming the message, before any has been sent.
        """


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of one partition's batch: how many left, and how many the transport did not take."""

    left: int = 0
    kept: int = 0


def relay_once(*, transport: Transport, now: datetime) -> int:
    """Hands on what is due, one batch from each partition; returns how many messages left."""
    partitions = due_partitions(now)
    return sum(relay_partition(partition, transport=transport, now=now).left for partition in partitions)


def due_partitions(now: datetime) -> list[int]:
    """The partitions that hold something due, or something that waits behind a parked fact."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE_PARTITIONS, {"partitions": PARTITIONS, "now": now})
        return [number for (number,) in cursor.fetchall()]


def relay_partition(partition: int, *, transport: Transport, now: datetime) -> Batch:
    """Hands on one batch of the partition, in the order of its ids.

    Holds the partition's advisory lock while it sends, so that several relays share the work and none overtakes
    another; does nothing where another holds it.
    """
    with transaction.atomic():
        if not _lock(partition):
            return Batch()
        due = OutboxMessage.objects.due(now).filter(partition=partition).order_by("id")[:BATCH]
        addressed = _addressed(due, now)
        if not addressed:
            return Batch()
        crashpoint("relay.before_send")
        sent = _send(addressed, transport, now)
        crashpoint("relay.after_send")
        OutboxMessage.objects.filter(id__in=[message.id for message in sent]).update(published_at=now)
    crashpoint("relay.after_commit")
    batch = Batch(left=len(sent), kept=len(addressed) - len(sent))
    metrics.RELAYED.labels("sent").inc(batch.left)
    metrics.RELAYED.labels("unconfirmed").inc(batch.kept)
    return batch


def _addressed(due: Iterable[OutboxMessage], now: datetime) -> dict[OutboxMessage, list[Envelope]]:
    """Each message's envelopes; what stands behind one that cannot be addressed is left out."""
    addressed: dict[OutboxMessage, list[Envelope]] = {}
    stuck: set[tuple[str, str]] = set()
    for message in due:
        if _aggregate(message) in stuck:
            continue
        try:
            addressed[message] = address(message)
        except (UnknownFact, UnknownJob) as error:
            stuck.add(_aggregate(message))
            if now - message.available_at >= KNOWN_WITHIN:
                _park(message, error, now)
    return addressed


def _send(
    addressed: Mapping[OutboxMessage, list[Envelope]], transport: Transport, now: datetime
) -> list[OutboxMessage]:
    """Sends all but what cannot be sent and what stands behind it; returns the messages that left."""
    going = dict(addressed)
    while True:
        try:
            sent = transport.send([envelope for envelopes in going.values() for envelope in envelopes])
        except Unsendable as error:
            bad = next(message for message in going if message.message_id == error.message_id)
            _note_failure(bad, error, now)
            going = {
                message: going[message]
                for message in going
                if _aggregate(message) != _aggregate(bad) or message.id < bad.id
            }
        else:
            # A fact that nobody hears has left.
            return [message for message, envelopes in going.items() if not envelopes or message.message_id in sent]


def _aggregate(message: OutboxMessage) -> tuple[str, str]:
    return message.aggregate_type, message.aggregate_id


def _lock(partition: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"space": _LOCK_SPACE, "partition": partition})
        row = cursor.fetchone()
    return bool(row and row[0])


def _note_failure(message: OutboxMessage, error: Exception, now: datetime) -> None:
    OutboxMessage.objects.filter(id=message.id).update(attempts=F("attempts") + 1, last_error=repr(error))
    if message.attempts + 1 >= PARK_AFTER:
        _park(message, error, now)


def _park(message: OutboxMessage, error: Exception, now: datetime) -> None:
    OutboxMessage.objects.filter(id=message.id).update(last_error=repr(error), parked_at=now)
    log.error("outbox.parked", message_id=str(message.message_id), name=message.name)
