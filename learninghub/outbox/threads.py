"""Relay, workers and schedule as threads of the one process: the shape for development and small sites."""

import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import close_old_connections

from learninghub.clock import now
from learninghub.outbox import wake
from learninghub.outbox.local_queue import LocalQueue, free_leases, work_once
from learninghub.outbox.relay import relay_once
from learninghub.outbox.schedule import EVERY_SECONDS, schedule_once

_POLL_SECONDS = 1.0
WORKERS = 2

log = structlog.get_logger(__name__)


def start(stop: threading.Event) -> list[threading.Thread]:
    """Starts the threads, which run until `stop` is set; what a killed predecessor had taken is due again first."""
    free_leases()
    loops = [
        ("relay", _relay),
        ("schedule", _schedule),
        *((f"worker-{number}", _work) for number in range(WORKERS)),
    ]
    threads = [threading.Thread(target=_forever, args=(loop, stop), name=name, daemon=True) for name, loop in loops]
    for thread in threads:
        thread.start()
    return threads


def work_until_idle(*, clock: Callable[[], datetime]) -> None:
    """Does in this thread all that is due and whatever that brings up."""
    while relay_once(transport=LocalQueue(), now=clock()) or work_once(clock=clock):
        pass


def _forever(loop: Callable[[threading.Event], None], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            loop(stop)
        except Exception:
            log.exception("threads.failed", thread=threading.current_thread().name)
            stop.wait(_POLL_SECONDS)
        finally:
            close_old_connections()


def _relay(_: threading.Event) -> None:
    wake.relay.wait(_POLL_SECONDS)
    wake.relay.clear()
    while relay_once(transport=LocalQueue(), now=now()):
        wake.wake_workers()


def _work(stop: threading.Event) -> None:
    while not stop.is_set() and work_once(clock=now):
        pass
    with wake.workers:
        wake.workers.wait(_POLL_SECONDS)


def _schedule(stop: threading.Event) -> None:
    schedule_once(now=now())
    stop.wait(EVERY_SECONDS)
