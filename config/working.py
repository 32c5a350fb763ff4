"""Runs a worker: a parent that talks to RabbitMQ and children that do the work."""

import os
import threading
import warnings
from collections.abc import Iterable
from typing import Any

from celery import signals
from celery.platforms import SecurityWarning

from config import celery
from config.serving import end_with
from learninghub import bus
from learninghub.broker import topology


def work(queues: Iterable[str], *, concurrency: int) -> int:
    """Works on the queues until SIGTERM, then ends what has begun; returns the exit code.

    Declares what it needs in RabbitMQ. Holds no database connection before its children are forked.
    """
    warnings.simplefilter("ignore", SecurityWarning)  # of root and pickle: we read nothing but JSON
    with celery.app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=None)
        topology.declare(connection)
    worker = celery.make_worker(queues, concurrency=concurrency)
    worker.start()
    return int(worker.exitcode or 0)


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]
def _begin_child(**_: Any) -> None:
    end_with(os.getppid(), end=lambda: os._exit(1))
    bus.listen(threading.Event())
