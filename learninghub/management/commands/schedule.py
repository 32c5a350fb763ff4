"""Asks for the scheduled jobs when their time has come, if this process leads."""

import signal
import threading
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from learninghub import metrics
from learninghub.clock import now
from learninghub.db import roles
from learninghub.outbox.leading import lead
from learninghub.outbox.schedule import EVERY_SECONDS, schedule_once


class Command(BaseCommand):
    help = "Ask for scheduled jobs until SIGTERM; of several, one leads and the others stand by."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()

        def leave(_signal: int, _frame: FrameType | None) -> None:
            stop.set()

        for word in (signal.SIGINT, signal.SIGTERM):
            signal.signal(word, leave)
        roles.take(roles.RELAY)
        with metrics.listen(port=settings.METRICS_PORT):
            lead(_turn, every_s=EVERY_SECONDS, stop=stop)


def _turn() -> None:
    schedule_once(now=now())
