"""A write that clashed with another is done once more, where nothing of it can have stayed (R21)."""

import time
from collections.abc import Callable
from random import uniform
from typing import Any, TypeVar, cast

from django.db import DatabaseError, connection

from learninghub import metrics

Result = TypeVar("Result")

TRIES = 4  # the first, and three more
_CLASHES = {"40001", "40P01"}  # serialization failure, deadlock


def repeated(write: Callable[[], Result], *, sleep: Callable[[float], None] = time.sleep) -> Result:
    """The result of the write, repeated after a deadlock or serialization failure, at most three times.

    Only where it has rolled back wholly: not within a transaction of the caller's, and not where the write, by
    transactions of its own, committed a part before the clash. Actions call others' servers only after such a part.
    """
    if connection.in_atomic_block:
        return write()
    own = cast("Any", connection)
    for attempt in range(TRIES):
        before = own.commits
        try:
            result = write()
        except DatabaseError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state not in _CLASHES:
                raise
            if own.commits != before or attempt == TRIES - 1:
                metrics.REPEATS.labels(state, "given_up").inc()
                raise
        else:
            if attempt:
                metrics.REPEATS.labels("-", "done").inc()
            return result
        metrics.REPEATS.labels(state, "repeated").inc()
        sleep(uniform(0, 0.02 * 2**attempt))  # noqa: S311  jitter
    raise AssertionError
