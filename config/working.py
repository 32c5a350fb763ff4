"""Runs a worker: a parent that talks to RabbitMQ and children that do the work."""

import os
import threading
import warnings
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from billiard import current_process  # type: ignore[import-untyped]
from celery import signals
from celery.platforms import SecurityWarning
from django.conf import settings

from config import celery
from config.serving import end_with
from learninghub import bus, clock, metrics
from learninghub.broker import topology
from learninghub.broker.receiving import log
from learninghub.db import roles

_until_exit = ExitStack()


def work(queues: Iterable[str], *, concurrency: int) -> int:
    """Works on the queues until SIGTERM, then ends what has begun; returns the exit code.

    What has not ended after 30 seconds (R29) is left and comes again: nobody waits for the longest job. The parent
    tells its metrics on METRICS_PORT, the children, who do the counting, on the ports after it. Declares what it needs
    in RabbitMQ. Holds no database connection before its children are forked.
    """
    warnings.simplefilter("ignore", SecurityWarning)  # of root and pickle: we read nothing but JSON
    with celery.app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=None)
        topology.declare(connection)
    worker = celery.make_worker(queues, concurrency=concurrency)
    with metrics.listen(port=settings.METRICS_PORT):
        worker.start()
    return int(worker.exitcode or 0)


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]
def _begin_child(**_: Any) -> None:
    end_with(os.getppid(), end=lambda: os._exit(1))
    roles.take(roles.WORKER)
    clock.follow()
    if settings.METRICS_PORT:
        _until_exit.enter_context(metrics.listen(port=settings.METRICS_PORT + 1 + current_process().index))
    bus.listen(threading.Event())


@signals.worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _end_in_time(**_: Any) -> None:
    end = threading.Timer(celery.app.conf.worker_soft_shutdown_timeout, _leave_the_rest)
    end.daemon = True
    end.start()


def _leave_the_rest() -> None:
    """Celery's own soft shutdown would sleep out its time even when all is done, and acknowledge nothing meanwhile."""
    log.warning("work.left")
    os._exit(0)  # the children die with us, and the broker gives to others what was not acknowledged
