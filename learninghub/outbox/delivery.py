"""Delivery: a fact to one handler exactly once, a job at least once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from learninghub import clock, events, jobs, metrics
from learninghub.observability import follow
from learninghub.outbox.crash import crashpoint
from learninghub.outbox.envelope import Envelope
from learninghub.outbox.models import OutboxMessage

_REMEMBER = """
insert into learninghub_inboxentry (message_id, handler) values (%s, %s)
on conflict (message_id, handler) do nothing
"""


_being_delivered: ContextVar[UUID] = ContextVar("fact being delivered")


def current_fact_id() -> UUID:
    """The id of the fact that the running handler was given: the key under which its effects are unique.

    Raises LookupError outside a handler.
    """
    return _being_delivered.get()


def receive(envelope: Envelope) -> None:
    """Does what the envelope asks for, in the trace and by the clock that asked. Raises what handler or job raises."""
    as_asked = clock.as_stated(envelope.headers)
    with follow(envelope.headers, target=envelope.target), as_asked, _counted(envelope) as seen:
        if envelope.kind == OutboxMessage.Kind.JOB:
            jobs.find(envelope.target).perform(envelope.payload)
        elif not deliver(envelope):
            seen.outcome = "again"


@dataclass
class _Seen:
    outcome: str = "done"


@contextmanager
def _counted(envelope: Envelope) -> Iterator[_Seen]:
    metrics.WAITED_SECONDS.labels(envelope.queue).observe(max(0.0, time.time() - envelope.available_at.timestamp()))
    began = time.perf_counter()
    seen = _Seen()
    try:
        yield seen
    except Exception as error:
        seen.outcome = "later" if isinstance(error, jobs.Later) else "failed"
        raise
    finally:
        metrics.RECEIVED.labels(envelope.target, seen.outcome).inc()
        metrics.RECEIVED_SECONDS.labels(envelope.target).observe(time.perf_counter() - began)


def deliver(envelope: Envelope) -> bool:
    """Runs the handler unless it has already done its work for this fact; says whether it ran.

    The inbox row and the handler's writes are one transaction: delivered twice, done once.
    """
    handler = events.handler(envelope.target)
    with transaction.atomic():
        if not _remember(envelope.message_id, envelope.target):
            return False
        outer = _being_delivered.set(envelope.message_id)
        try:
            handler.function(events.load(envelope.name, envelope.payload))
        finally:
            _being_delivered.reset(outer)
        crashpoint("deliver.before_commit")
    crashpoint("deliver.after_commit")
    return True


def _remember(message_id: UUID, handler: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER, [message_id, handler])
        return bool(cursor.rowcount == 1)
