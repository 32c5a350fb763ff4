"""The relay as a process: due facts, jobs and retries go to RabbitMQ until it is told to stop."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog
from django.db import close_old_connections

from learninghub import metrics
from learninghub.broker.backoff import Backoff
from learninghub.clock import now
from learninghub.outbox.relay import Transport, due_partitions, relay_partition
from learninghub.outbox.waiting import relay_waiting

POLL_S = 1.0
STUCK_S = 60.0

log = structlog.get_logger(__name__)


class Line(Transport, Protocol):
    """A transport over a connection that can be away."""

    def rest(self) -> float: ...

    def keep_alive(self) -> None: ...


class Bell(Protocol):
    def wait(self, seconds: float, stop: threading.Event) -> None: ...


class Relay:
    """One relay; any number may run side by side, on this machine or others."""

    def __init__(
        self,
        *,
        transport: Line,
        bell: Bell,
        clock: Callable[[], datetime] = now,
        backoff: Callable[[], Backoff] = Backoff,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._bell = bell
        self._clock = clock
        self._monotonic = monotonic
        self._last_round = monotonic()
        self._backoffs: defaultdict[int, Backoff] = defaultdict(backoff)

    def run(self, stop: threading.Event) -> None:
        """Relays until `stop` is set, and ends after the batch at hand; outlives PostgreSQL and RabbitMQ being away."""
        while not stop.is_set():
            try:
                self._transport.keep_alive()
                if not self.relay(stop):
                    self._bell.wait(POLL_S, stop)
            except Exception:
                log.exception("relay.failed")
                metrics.RELAYED.labels("failed").inc()
                stop.wait(POLL_S)
            finally:
                close_old_connections()

    def relay(self, stop: threading.Event) -> int:
        """One round: a batch from each partition that is not resting, and the retries that are due.

        Returns how many messages left. A partition of which something was refused rests, and the others go on (R4).
        """
        self._last_round = self._monotonic()
        if self._transport.rest():
            return 0
        left = 0
        for partition in due_partitions(self._clock()):
            backoff = self._backoffs[partition]
            if stop.is_set() or self._transport.rest():
                break
            if backoff.left():
                continue
            batch = relay_partition(partition, transport=self._transport, now=self._clock())
            left += batch.left
            if not batch.kept:
                backoff.succeeded()
            elif not self._transport.rest():  # with the broker away, no partition is to blame
                backoff.failed()
        if not stop.is_set() and not self._transport.rest():
            left += relay_waiting(transport=self._transport, now=self._clock())
        return left

    def is_alive(self) -> bool:
        """Rounds begin as they should; whether they find a database and a broker is another question."""
        return self._monotonic() - self._last_round < STUCK_S
