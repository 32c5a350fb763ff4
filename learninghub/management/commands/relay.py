"""Hands facts, jobs and retries from the database to RabbitMQ; run at least one, better two."""

import contextlib
import signal
import threading
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from learninghub import clock, metrics
from learninghub.broker.dead_letters import measure_queues
from learninghub.broker.relaying import Relay
from learninghub.broker.transport import AmqpTransport
from learninghub.db import roles
from learninghub.metrics import measuring
from learninghub.outbox.listening import CommitBell


class Command(BaseCommand):
    requires_system_checks = []
    help = "Relay facts, jobs and retries to RabbitMQ until SIGTERM, which ends it after the batch at hand."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.AMQP_URL:
            raise CommandError("AMQP_URL is not set: in the one-process shape a thread of the server relays.")
        stop = threading.Event()

        def leave(_signal: int, _frame: FrameType | None) -> None:
            threading.Thread(target=stop.set).start()  # the event's own lock may be held by what was interrupted

        for word in (signal.SIGTERM, signal.SIGINT):
            signal.signal(word, leave)
        roles.take(roles.RELAY)
        clock.follow()
        with (
            contextlib.closing(AmqpTransport(settings.AMQP_URL)) as transport,
            contextlib.closing(CommitBell()) as bell,
        ):
            relay = Relay(transport=transport, bell=bell)
            if settings.METRICS_PORT:
                measure_queues(settings.AMQP_URL)
                measuring.watch(stop)
            with metrics.listen(port=settings.METRICS_PORT, is_alive=relay.is_alive):
                relay.run(stop)
