"""The one task of every worker: does what an envelope asks for, or puts it off."""

import random
import time
from typing import Any

import structlog
from celery import Task, shared_task
from celery.exceptions import Reject
from django.db import InterfaceError, OperationalError, close_old_connections

from learninghub.broker.wire import TASK, BadMessage, unpack
from learninghub.clock import now
from learninghub.outbox import waiting
from learninghub.outbox.crash import crashpoint
from learninghub.outbox.delivery import receive as do
from learninghub.outbox.envelope import Envelope
from learninghub.outbox.retrying import plan_retry

_AWAY = (OperationalError, InterfaceError)
_LONGEST_ABSENCE_S = 40.0  # of the database; less than the soft time limit of a task

log = structlog.get_logger(__name__)


@shared_task(name=TASK, bind=True)  # type: ignore[untyped-decorator]
def receive(self: Task, payload: Any) -> None:
    """Ends in one of three ways: done, kept as a row that is due later, or given up to the dead letters.

    The message is acknowledged after that, so a death on the way brings it again: done twice is done once by the
    inbox. What cannot be read is given up at once, what fails ten times then (R16 to R18).
    """
    try:
        envelope = unpack(payload)
    except BadMessage as error:
        log.warning("message.unreadable", reason=str(error))
        raise Reject(str(error), requeue=False) from None
    try:
        crashpoint("work.after_take")
        do(envelope)
        crashpoint("work.before_done")
    except Exception as error:  # noqa: BLE001  whatever a handler raises, the worker goes on and the message is kept
        _put_off(envelope, error)
    finally:
        close_old_connections()


def _put_off(envelope: Envelope, error: Exception) -> None:
    words = {"message_id": str(envelope.message_id), "target": envelope.target}
    attempts = envelope.attempts + 1
    log.warning("queue.failed", **words, attempts=attempts, exc_info=error)
    deadline = time.monotonic() + _LONGEST_ABSENCE_S
    pause = 0.1
    while True:
        retry = plan_retry(attempts=attempts, error=error, now=now())
        if retry is None:
            log.error("queue.dead", **words, kind=envelope.kind)
            raise Reject(repr(error), requeue=False)
        try:
            waiting.wait(envelope, attempts=retry.attempts, until=retry.at, error=repr(error))
        except _AWAY as absence:
            # The database is away: to give the message back at once would use up its deliveries, and find no other.
            if time.monotonic() > deadline:
                raise Reject(repr(absence), requeue=True) from None
            close_old_connections()
            time.sleep(pause * random.random())  # noqa: S311  jitter, not a secret
            pause = min(2 * pause, 5.0)
        else:
            return
