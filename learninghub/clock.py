"""The clock at the edge: views, handlers and tasks read it; actions, queries and rules are told the time.

It is the database's where a process follows that: machines may disagree about the time, what their processes write
into one database may not. Who tells a history turns it back (decision 0096).
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, connection
from django.utils import timezone

COMPARED_EVERY_S = 30.0
AGAIN_AFTER_S = 1.0
FIRST_WITHIN_S = 1.5  # a child of a worker must be up within four seconds
MAY_BE_OFF = timedelta(seconds=1)  # more than a question to the database takes

_ahead = [timedelta(0)]  # so far the database's clock is ahead of this machine's
_back: ContextVar[timedelta] = ContextVar("how far the clock is turned back", default=timedelta(0))
_HEADER = "clock_back_s"

log = structlog.get_logger(__name__)


def now() -> datetime:
    """What time it is."""
    return timezone.now() + _ahead[0] - _back.get()


@contextmanager
def turned_back(by: timedelta) -> Iterator[None]:
    """Within, it is that much earlier, and so it is for whoever is given a fact or a job that was stated within."""
    before = _back.set(by)
    try:
        yield
    finally:
        _back.reset(before)


def headers() -> dict[str, str]:
    """What a fact or job carries along of a clock that is turned back; nothing of one that is not."""
    back = _back.get()
    return {_HEADER: str(back.total_seconds())} if back else {}


@contextmanager
def as_stated(carried: Mapping[str, str]) -> Iterator[None]:
    """Within, the clock is turned back as far as it was where the fact or job with these headers was stated."""
    with turned_back(timedelta(seconds=float(carried.get(_HEADER, 0)))):
        yield


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
