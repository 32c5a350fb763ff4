"""Facts and jobs in tests: driven by hand, in the test's own transaction."""

from datetime import datetime
from typing import TypeVar

from django.db import connection
from django.test import TestCase

from learninghub import events
from learninghub.clock import now
from learninghub.outbox.local_queue import LocalQueue, work_once
from learninghub.outbox.models import OutboxMessage, QueuedMessage
from learninghub.outbox.relay import relay_once

Fact = TypeVar("Fact")


def published(fact: type[Fact]) -> list[Fact]:
    """Every fact of this kind stated so far, oldest first."""
    name = events.kind_of(fact).name
    rows = OutboxMessage.objects.filter(name=name).order_by("id")
    return [events.load(name, row.payload) for row in rows]


def later_of_clocks() -> datetime:
    """The test's clock or the database's, whichever is ahead: what was stated before this call is due."""
    with connection.cursor() as cursor:
        cursor.execute("select statement_timestamp()")
        row = cursor.fetchone()
    assert row
    return max(now(), row[0])


def deliver_all() -> int:
    """Runs the relay, the handlers and the jobs until nothing is due; raises when one of them failed."""
    done = 0
    while relay_once(transport=LocalQueue(), now=later_of_clocks()):
        with TestCase.captureOnCommitCallbacks(execute=True):
            while work_once(clock=later_of_clocks):
                done += 1
        failed = QueuedMessage.objects.exclude(last_error="").first()
        assert failed is None, f"{failed.target}: {failed.last_error}"
    return done
