"""The queues of the one-process shape, kept in PostgreSQL: filled by the relay, emptied by threads."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from learninghub.outbox.crash import crashpoint
from learninghub.outbox.delivery import receive
from learninghub.outbox.envelope import Envelope
from learninghub.outbox.models import QueuedMessage
from learninghub.outbox.retrying import MAX_ATTEMPTS, plan_retry, report, report_dead
from learninghub.outbox.rows import envelope_of, row_of

_LEASE = timedelta(minutes=10)  # longer than any handler or job may take


# SKIP LOCKED is right here, unlike in the relay: handlers and jobs bear any order.
_TAKE = """
update learninghub_queuedmessage
set leased_until = %(until)s, attempts = attempts + 1
where id = (
    select id from learninghub_queuedmessage
    where dead_at is null and available_at <= %(now)s and (leased_until is null or leased_until <= %(now)s)
    order by available_at, id
    limit 1
    for update skip locked
)
returning *
"""


class LocalQueue:
    """A transport whose queues are rows; `send` shares the relay's transaction, so nothing is queued twice."""

    def send(self, envelopes: Sequence[Envelope]) -> set[UUID]:
        rows = [row_of(envelope) for envelope in envelopes]
        QueuedMessage.objects.bulk_create(rows, ignore_conflicts=True)
        return {envelope.message_id for envelope in envelopes}


def free_leases() -> None:
    """Makes due again what a killed process had taken; only for the one process that owns these queues."""
    QueuedMessage.objects.filter(leased_until__isnull=False, dead_at__isnull=True).update(leased_until=None)


def work_once(*, clock: Callable[[], datetime]) -> bool:
    """Takes one due message and does it; says whether there was one.

    What fails is due again after a random wait that grows (R16), and lies dead after ten tries; a kill is one.
    """
    now = clock()
    message = _take(now)
    if message is None:
        return False
    if message.attempts > MAX_ATTEMPTS:
        _bury(message, now)
        return True
    crashpoint("work.after_take")
    try:
        receive(envelope_of(message))
    except Exception as error:  # noqa: BLE001  whatever a handler raises, the worker goes on and the message is kept
        _retry(message, error, clock())
    else:
        crashpoint("work.before_done")
        QueuedMessage.objects.filter(id=message.id).delete()
    return True


def _take(now: datetime) -> QueuedMessage | None:
    return next(iter(QueuedMessage.objects.raw(_TAKE, {"now": now, "until": now + _LEASE})), None)


def _retry(message: QueuedMessage, error: Exception, now: datetime) -> None:
    report(error, message_id=message.message_id, target=message.target, attempts=message.attempts)
    retry = plan_retry(attempts=message.attempts, error=error, now=now)
    if retry is None:
        message.last_error = repr(error)
        _bury(message, now)
        return
    QueuedMessage.objects.filter(id=message.id).update(
        available_at=retry.at, leased_until=None, attempts=retry.attempts, last_error=repr(error)
    )


def _bury(message: QueuedMessage, now: datetime) -> None:
    QueuedMessage.objects.filter(id=message.id).update(dead_at=now, leased_until=None, last_error=message.last_error)
    report_dead(message_id=message.message_id, target=message.target, kind=message.kind)
