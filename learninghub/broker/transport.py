"""The transport of the fleet: envelopes to RabbitMQ, with what the broker confirmed and no more (rules R4, R5)."""

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog

from learninghub.broker import connecting, topology
from learninghub.broker.backoff import Backoff
from learninghub.broker.confirms import ConfirmedChannel
from learninghub.broker.wire import Packed, pack
from learninghub.outbox.envelope import Envelope

DEADLINE_S = 5

log = structlog.get_logger(__name__)


class AmqpTransport:
    """One connection, made when needed, given up at the first error, and left alone for a while after it.

    For one thread. Between calls of `send`, `keep_alive` is due every few seconds.
    """

    def __init__(self, url: str, *, deadline_s: float = DEADLINE_S, backoff: Backoff | None = None) -> None:
        self._url = url
        self._deadline_s = deadline_s
        self._backoff = backoff or Backoff()
        self._connection: Any = None
        self._channel: ConfirmedChannel | None = None

    def send(self, envelopes: Sequence[Envelope]) -> set[UUID]:
        """Publishes in this order with one wait; returns the ids all of whose envelopes the broker confirmed.

        Never raises for the broker's sake and never takes longer than connecting and the deadline. Raises Unsendable
        before anything has left.
        """
        batch = [(envelope, pack(envelope)) for envelope in envelopes]
        if not batch or self.rest():
            return set()
        try:
            self._publish(batch)
        except Exception as error:  # noqa: BLE001  a broken line fails in many ways; it is given up whatever it was
            log.warning("broker.failed", error=repr(error), failures=self._backoff.failures + 1)
            self._backoff.failed()
            confirmed = self._confirmed()
            self._hang_up()
        else:
            self._backoff.succeeded()
            confirmed = self._confirmed()
            self._note_refusals()
        kept = {one.message_id for one, packed in batch if packed.properties["correlation_id"] not in confirmed}
        return {one.message_id for one, _ in batch} - kept

    def rest(self) -> float:
        """Seconds for which `send` will not try, because the broker is away."""
        return self._backoff.left()

    def keep_alive(self) -> None:
        """Exchanges heartbeats, and notices a connection that has died meanwhile."""
        if self._channel is None:
            return
        try:
            self._channel.tick()
        except Exception as error:  # noqa: BLE001  as above
            log.warning("broker.lost", error=repr(error))
            self._hang_up()

    def close(self) -> None:
        if self._connection is not None:
            connecting.say_goodbye(self._connection)
        self._connection = self._channel = None

    def _publish(self, batch: Sequence[tuple[Envelope, Packed]]) -> None:
        channel = self._channel or self._open()
        channel.forget()
        until = time.monotonic() + self._deadline_s
        # After a failure one message goes ahead: a broker under alarm would keep a whole batch for later, each time.
        ahead = 1 if self._backoff.failures else len(batch)
        for some in (batch[:ahead], batch[ahead:]):
            with channel.together():
                for envelope, packed in some:
                    channel.publish(packed, routing_key=envelope.queue, until=until)
            channel.wait(until=until)

    def _open(self) -> ConfirmedChannel:
        self._connection = connecting.connect(self._url, on_blocked=self._blocked)
        topology.declare(self._connection)
        self._channel = ConfirmedChannel(self._connection)
        return self._channel

    def _blocked(self, reason: str) -> None:
        if self._channel is not None:
            self._channel.blocked_by = reason

    def _confirmed(self) -> set[str]:
        return self._channel.confirmed if self._channel is not None else set()

    def _note_refusals(self) -> None:
        channel = self._channel
        if channel is not None and channel.nacked:
            log.warning("broker.refused", messages=len(channel.nacked))
        if channel is not None and channel.returned:
            log.error("broker.unroutable", messages=len(channel.returned), first=next(iter(channel.returned.values())))
            self._hang_up()  # the next connection declares what is missing

    def _hang_up(self) -> None:
        if self._connection is not None:
            connecting.hang_up(self._connection)
        self._connection = self._channel = None
