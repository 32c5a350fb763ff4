"""Receiving at once, in one thread and without a queue, in the order in which all was stated: for telling a history."""

from collections.abc import Callable, Collection
from datetime import datetime

import structlog

from learninghub.outbox.delivery import receive
from learninghub.outbox.envelope import address
from learninghub.outbox.models import OutboxMessage

BATCH = 100

log = structlog.get_logger(__name__)


def receive_all(*, clock: Callable[[], datetime], without: Collection[str] = ()) -> None:
    """Receives all that is due, and whatever that brings up, but for what belongs to these queues.

    That, and what fails, stays in the outbox for the relay; where one runs meanwhile, what both take is done once as
    ever. Runs outside any transaction.
    """
    last = 0
    while batch := list(OutboxMessage.objects.due(clock()).filter(id__gt=last).order_by("id")[:BATCH]):
        done = [message.id for message in batch if _receive(message, without)]
        OutboxMessage.objects.filter(id__in=done).update(published_at=clock())
        last = batch[-1].id


def _receive(message: OutboxMessage, without: Collection[str]) -> bool:
    envelopes = address(message)
    if any(envelope.queue in without for envelope in envelopes):
        return False
    try:
        for envelope in envelopes:
            receive(envelope)
    except Exception as error:  # whatever it is, the relay and its workers try again
        log.warning("at_once.failed", message_id=str(message.message_id), name=message.name, exc_info=error)
        return False
    return True
