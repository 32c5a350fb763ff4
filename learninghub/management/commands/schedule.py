"""Asks for the scheduled jobs when their time has come, if this process leads."""

import os
import signal
import threading
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from learninghub import clock, metrics
from learninghub.db import roles
from learninghub.outbox.leading import lead
from learninghub.outbox.schedule import EVERY_SECONDS, schedule_once

END_WITHIN_S = 1.0


class Command(BaseCommand):
    help = "Ask for scheduled jobs until SIGTERM; of several, one leads and the others stand by."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()

        def leave(_signal: int, _frame: FrameType | None) -> None:
            # From threads: the event's own lock may be held by what was interrupted. A database that does not answer
            # is not waited for: what is half done there is rolled back.
            threading.Thread(target=stop.set, daemon=True).start()
            end = threading.Timer(END_WITHIN_S, os._exit, [0])
            end.daemon = True
            end.start()

        for word in (signal.SIGINT, signal.SIGTERM):
            signal.signal(word, leave)
        roles.take(roles.RELAY)
        clock.follow()
        with metrics.listen(port=settings.METRICS_PORT):
            lead(_turn, every_s=EVERY_SECONDS, stop=stop)


def _turn() -> None:
    schedule_once(now=clock.now())
