"""How often what fails is tried, and how long it waits in between: one rule for every kind of queue (rule R16)."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from learninghub import events, jobs, metrics
from learninghub.errors import Outage

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 10
_BASE_WAIT = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(hours=1)
_PERMANENT = (events.UnknownFact, jobs.UnknownJob)  # no later try will know it: dead letters can be replayed


@dataclass(frozen=True, slots=True)
class Retry:
    """When to try again, and how many tries count until then."""

    at: datetime
    attempts: int


def plan_retry(*, attempts: int, error: Exception, now: datetime) -> Retry | None:
    """What follows a failed try, which `attempts` counts in; None when it was the last, or none can help.

    The wait is random up to a bound that doubles (full jitter). `jobs.Later` and an outage name their own, and the try
    does not count: ten would be used up in some minutes of an outage.
    """
    if isinstance(error, jobs.Later):
        return Retry(at=now + error.wait, attempts=attempts - 1)
    if isinstance(error, Outage):
        wait = timedelta(seconds=error.retry_after) * (1 + random.random() / 2)  # noqa: S311
        return Retry(at=now + wait, attempts=attempts - 1)
    if attempts >= MAX_ATTEMPTS or isinstance(error, _PERMANENT):
        return None
    longest = min(_LONGEST_WAIT, _BASE_WAIT * 2 ** min(attempts, 12))
    return Retry(at=now + longest * random.random(), attempts=attempts)  # noqa: S311  jitter, not a secret


def report(error: Exception, *, message_id: UUID, target: str, attempts: int) -> None:
    """Writes into the log where a try failed, or, of what only waits for something else, what for."""
    words = {"message_id": str(message_id), "target": target, "attempts": attempts}
    if isinstance(error, jobs.Later):
        log.info("queue.waits", reason=str(error), **words)
    else:
        log.warning("queue.failed", exc_info=error, **words)


def report_dead(*, message_id: UUID, target: str, kind: str) -> None:
    """Says in the metrics and the log that a message was given up."""
    count_dead(target)
    log.error("queue.dead", message_id=str(message_id), target=target, kind=kind)


def count_dead(target: str) -> None:
    """Says in the metrics that a message was given up; the broker's own count of deliveries is not heard here."""
    metrics.RECEIVED.labels(target, "dead").inc()
