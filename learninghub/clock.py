"""The clock at the edge: views, handlers and tasks read it; actions, queries and rules are told the time.

It is the database's where a process follows that: machines may disagree about the time, what their processes write
into one database may not.
"""

import threading
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, connection
from django.utils import timezone

COMPARED_EVERY_S = 30.0
AGAIN_AFTER_S = 1.0
FIRST_WITHIN_S = 1.5  # a child of a worker must be up within four seconds
MAY_BE_OFF = timedelta(seconds=1)  # more than a question to the database takes

_ahead = [timedelta(0)]  # so far the database's clock is ahead of this machine's

log = structlog.get_logger(__name__)


def now() -> datetime:
    """What time it is."""
    return timezone.now() + _ahead[0]


def follow() -> None:
    """From now on this process keeps the database's time: compared at once, and again and again by a thread.

    Does not wait for a database that is away: the machine's clock counts until it first answers.
    """
    is_asked = threading.Event()
    threading.Thread(target=_keep_comparing, args=(is_asked,), name="clock", daemon=True).start()
    is_asked.wait(FIRST_WITHIN_S)


def compare() -> bool:
    """Asks the database what time it is, and corrects this machine's clock where that is off by more than a second.

    A question that took longer tells nothing: False.
    """
    with connection.cursor() as cursor:  # to connect takes longer than to ask
        before = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        took = timezone.now() - before
        (there,) = cursor.fetchone()
    if took > MAY_BE_OFF:
        return False
    ahead = there - before - took / 2
    if abs(ahead) <= MAY_BE_OFF:
        ahead = timedelta(0)
    if abs(ahead - _ahead[0]) > MAY_BE_OFF:
        log.warning("clock.off", database_ahead_s=round(ahead.total_seconds(), 1))
    _ahead[0] = ahead
    return True


def _keep_comparing(is_asked: threading.Event) -> None:
    pause = threading.Event()
    while True:
        is_known = _compare_if_it_answers()
        is_asked.set()
        pause.wait(COMPARED_EVERY_S if is_known else AGAIN_AFTER_S)


def _compare_if_it_answers() -> bool:
    try:
        return compare()
    except DatabaseError as error:
        log.warning("clock.not_compared", error=type(error).__name__)
        return False
    finally:
        connection.close()
