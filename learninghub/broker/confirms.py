"""A channel in confirm mode that knows the fate of each message by its delivery tag.

py-amqp's own confirms take any ack for the one they wait for: after a timeout the late ack of one message confirms the
next, even one that the broker refused.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import amqp
from amqp.exceptions import AMQPError

from learninghub.broker.topology import EXCHANGE
from learninghub.broker.wire import Packed


class Blocked(AMQPError):
    """The broker takes no messages: it has raised an alarm over its memory or disk."""


class ConfirmedChannel:
    """Publishes on a channel of its own. After any error it is to be thrown away with its connection."""

    def __init__(self, connection: Any) -> None:
        self.confirmed: set[str] = set()  # the ids of tasks, as their correlation ids say them
        self.returned: dict[str, str] = {}
        self.nacked: set[str] = set()
        self.blocked_by = ""
        self._pending: dict[int, str] = {}  # in the order of their tags
        self._last_tag = 0
        self._connection = connection
        self._channel = connection.channel()
        self._channel.events["basic_ack"].add(self._acked)
        self._channel.events["basic_nack"].add(self._refused)
        self._channel.events["basic_return"].add(self._came_back)
        self._channel.confirm_select()

    def forget(self) -> None:
        """Begins a new batch."""
        self.confirmed, self.returned, self.nacked = set(), {}, set()

    def publish(self, packed: Packed, *, routing_key: str, until: float) -> None:
        """Writes the message, which may not be lost: persistent, mandatory. `until` is a time of `time.monotonic`."""
        self._last_tag += 1
        self._pending[self._last_tag] = packed.properties["correlation_id"]
        self._channel.basic_publish(
            amqp.Message(packed.body, application_headers=packed.headers, **packed.properties),
            exchange=EXCHANGE.name,
            routing_key=routing_key,
            mandatory=True,
            timeout=_left(until),
        )
        if self.blocked_by:
            raise Blocked(self.blocked_by)

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is published inside leaves in as few packets as it fits into, the last of it at the end."""
        cork = getattr(socket, "TCP_CORK", None)  # Linux has it; elsewhere each message is a packet
        if cork:
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, cork, 1)
        yield
        if cork:
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, cork, 0)

    def wait(self, *, until: float) -> None:
        """Returns when each message's fate is known. Raises Blocked, TimeoutError and what a broken line raises."""
        while self._pending:
            if self.blocked_by:
                raise Blocked(self.blocked_by)
            self._connection.blocking_read(_left(until))

    def tick(self) -> None:
        """Sends a heartbeat when one is due, and hears what came."""
        self._connection.heartbeat_tick()
        try:
            while True:
                self._connection.blocking_read(0)
        except TimeoutError:
            return

    def _acked(self, tag: int, multiple: bool) -> None:  # noqa: FBT001  as the protocol has it
        self.confirmed.update(self._settle(tag, multiple=multiple) - self.returned.keys())

    def _refused(self, tag: int, multiple: bool) -> None:  # noqa: FBT001
        self.nacked.update(self._settle(tag, multiple=multiple))

    def _came_back(self, error: Exception, _exchange: str, routing_key: str, message: Any) -> None:
        """Unroutable; the broker acks it all the same, a moment later."""
        self.returned[message.properties["correlation_id"]] = f"{routing_key}: {error}"

    def _settle(self, tag: int, *, multiple: bool) -> set[str]:
        tags = [one for one in self._pending if one <= tag] if multiple else [tag]
        return {self._pending.pop(one) for one in tags if one in self._pending}


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("no confirm in time")
    return left
