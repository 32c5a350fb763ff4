"""The one task of every worker: does what an envelope asks for, or puts it off."""

import contextlib
import random
import time
from typing import Any

import psycopg
import structlog
from celery import Task, shared_task
from celery.exceptions import Reject, SoftTimeLimitExceeded
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections
from psycopg_pool import PoolTimeout

from learninghub.broker.transport import AmqpTransport
from learninghub.broker.wire import TASK, BadMessage, unpack
from learninghub.clock import now
from learninghub.db.postgresql.base import TransactionTooLong
from learninghub.outbox import waiting
from learninghub.outbox.crash import crashpoint
from learninghub.outbox.delivery import receive as do
from learninghub.outbox.envelope import Envelope
from learninghub.outbox.retrying import Retry, count_dead, plan_retry, report, report_dead

_DATABASE = (OperationalError, InterfaceError)
_SQLSTATES_OF_ABSENCE = ("08", "57P")  # connection exception; shutdown, crash, starting up
_LONGEST_ABSENCE_S = 40.0  # of the database; less than the soft time limit of a task

log = structlog.get_logger(__name__)


@shared_task(name=TASK, bind=True)  # type: ignore[untyped-decorator]
def receive(self: Task, payload: Any) -> None:
    """Ends in one of three ways: done, kept as a row that is due later, or given up to the dead letters.

    The message is acknowledged after that, so a death on the way brings it again: done twice is done once by the
    inbox. What cannot be read or is unknown here is given up at once, what fails ten times then (R16 to R18). That the
    database was away is no failure of the message, and counts neither as a try nor as a delivery; that it hung up in
    the middle may be.
    """
    try:
        envelope = unpack(payload)
    except BadMessage as error:
        log.warning("message.unreadable", reason=str(error))
        count_dead("-")
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
    attempts = envelope.attempts if _is_away(error) else envelope.attempts + 1
    report(error, message_id=envelope.message_id, target=envelope.target, attempts=attempts)
    retry = plan_retry(attempts=attempts, error=error, now=now())
    if retry is None:
        report_dead(message_id=envelope.message_id, target=envelope.target, kind=envelope.kind)
        raise Reject(repr(error), requeue=False)
    try:
        _keep(envelope, retry, error)
    except (*_DATABASE, SoftTimeLimitExceeded) as absence:
        _put_back(envelope, absence)


def _keep(envelope: Envelope, retry: Retry, error: Exception) -> None:
    """Writes the row, waiting here for a database that is away: others of this worker would find it away as well."""
    deadline = time.monotonic() + _LONGEST_ABSENCE_S
    pause = 0.1
    while True:
        try:
            waiting.wait(envelope, attempts=retry.attempts, until=retry.at, error=repr(error))
        except _DATABASE:
            if time.monotonic() > deadline:
                raise
            close_old_connections()
            time.sleep(pause * random.random())  # noqa: S311  jitter, not a secret
            pause = min(2 * pause, 5.0)
        else:
            return


def _put_back(envelope: Envelope, absence: Exception) -> None:
    """Sends it to the end of its queue as a message of its own; to reject it would use up one of its deliveries."""
    with contextlib.closing(AmqpTransport(settings.AMQP_URL)) as transport:
        if transport.send([envelope]):
            return
    raise Reject(repr(absence), requeue=True)


def _is_away(error: Exception) -> bool:
    """Whether the database was not there.

    One that refused was: a lock, statement or transaction that took too long. And one that hung up without a word in
    the middle of the work may have died of it: by tries that count, such a message comes to its end.
    """
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    is_refusal = isinstance(error, TransactionTooLong) or bool(state and not state.startswith(_SQLSTATES_OF_ABSENCE))
    return isinstance(error, _DATABASE) and not is_refusal and not _was_hung_up(cause)


def _was_hung_up(cause: BaseException | None) -> bool:
    """As opposed to a connection that was refused, which the error holds, or waited for in vain, or ended by word."""
    if not isinstance(cause, psycopg.OperationalError) or isinstance(cause, PoolTimeout):
        return False
    return cause.sqlstate is None and cause.pgconn is None
