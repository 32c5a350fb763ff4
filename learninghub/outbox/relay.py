"""The relay: hands due messages to the transport, keeping the order within each aggregate (rules R3, R4, R6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F

from learninghub.events import UnknownFact
from learninghub.jobs import UnknownJob
from learninghub.outbox.crash import crashpoint
from learninghub.outbox.envelope import Envelope, address
from learninghub.outbox.models import OutboxMessage

BATCH = 100
PARK_AFTER = 10
_LOCK_SPACE = 0x4C48

log = structlog.get_logger(__name__)


class Transport(Protocol):
    """Takes envelopes to their queues."""

    def send(self, envelopes: Sequence[Envelope]) -> set[UUID]:
        """Sends them; returns the ids of the messages whose every envelope is safely queued."""


def relay_once(*, transport: Transport, now: datetime) -> int:
    """Hands on what is due, one batch from each partition; returns how many messages left.

    Holds a partition's advisory lock while it sends, so that several relays share the work and none overtakes another.
    """
    partitions = OutboxMessage.objects.due(now).order_by("partition").values_list("partition", flat=True).distinct()
    left = sum(_relay_partition(partition, transport, now) for partition in list(partitions))
    if left:
        crashpoint("relay.after_commit")
    return left


def _relay_partition(partition: int, transport: Transport, now: datetime) -> int:
    with transaction.atomic():
        if not _lock(partition):
            return 0
        due = OutboxMessage.objects.due(now).filter(partition=partition).order_by("id")[:BATCH]
        envelopes: list[Envelope] = []
        addressed: set[UUID] = set()
        stuck: set[tuple[str, str]] = set()
        for message in due:
            aggregate = (message.aggregate_type, message.aggregate_id)
            if aggregate in stuck:
                continue
            try:
                envelopes += address(message)
                addressed.add(message.message_id)
            except (UnknownFact, UnknownJob) as error:
                stuck.add(aggregate)
                _note_failure(message, error, now)
        crashpoint("relay.before_send")
        sent = (transport.send(envelopes) & addressed) | (addressed - {envelope.message_id for envelope in envelopes})
        crashpoint("relay.after_send")
        OutboxMessage.objects.filter(message_id__in=sent).update(published_at=now)
        return len(sent)


def _lock(partition: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", [_LOCK_SPACE, partition])
        row = cursor.fetchone()
    return bool(row and row[0])


def _note_failure(message: OutboxMessage, error: Exception, now: datetime) -> None:
    parked = message.attempts + 1 >= PARK_AFTER
    OutboxMessage.objects.filter(id=message.id).update(
        attempts=F("attempts") + 1, last_error=repr(error), parked_at=now if parked else None
    )
    if parked:
        log.error("outbox.parked", message_id=str(message.message_id), name=message.name)
