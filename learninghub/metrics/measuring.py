"""Figures that cost a statement: measured every few seconds by one process, the relay, and shown on its page."""

import threading
import time
from collections.abc import Callable, Iterable
from functools import partial

import structlog
from django.db import connection

from learninghub.metrics import definitions
from learninghub.metrics.definitions import Definition
from learninghub.metrics.reading import Row, add

EVERY_SECONDS = 15.0

_DUE = "published_at is null and parked_at is null and available_at <= statement_timestamp()"
_QUEUED = "learninghub_queuedmessage where dead_at is null and available_at"
_STATEMENTS: dict[Definition, str] = {
    definitions.OUTBOX_LAG: f"""
        select coalesce(extract(epoch from statement_timestamp() - min(available_at)), 0)
        from learninghub_outboxmessage where {_DUE}""",  # noqa: S608  constants of this module
    definitions.OUTBOX_DEPTH: f"select count(*) from learninghub_outboxmessage where {_DUE}",  # noqa: S608
    definitions.OUTBOX_PARKED: "select count(*) from learninghub_outboxmessage where parked_at is not null",
    definitions.QUEUE_DEPTH: f"""
        select queue, count(*) from {_QUEUED} <= statement_timestamp() group by queue""",  # noqa: S608
    definitions.QUEUE_OLDEST: f"""
        select queue, extract(epoch from statement_timestamp() - min(available_at))
        from {_QUEUED} <= statement_timestamp() group by queue""",  # noqa: S608
    definitions.QUEUE_WAITING: f"""
        select queue, count(*) from {_QUEUED} > statement_timestamp() group by queue""",  # noqa: S608
    definitions.DEAD_LETTERS: """
        select queue, count(*) from learninghub_queuedmessage where dead_at is not null group by queue""",
    definitions.SCHEDULE_LATE: """
        select name, greatest(0, extract(epoch from statement_timestamp() - due_at)) from learninghub_scheduledrun""",
}

log = structlog.get_logger(__name__)

_askers: dict[Definition, Callable[[], Iterable[Row]]] = {}
_latest: dict[Definition, list[Row]] = {}


def measure(definition: Definition, statement: str) -> None:
    """Has the read-only statement asked for the metric; it gives the values of the labels, then the figure."""
    _askers[definition] = lambda: _rows(statement)


def ask(definition: Definition, rows: Callable[[], Iterable[Row]]) -> None:
    """Has the function asked for the metric: for what is not in the database, such as a broker's queues.

    Asked for a metric with a statement of its own, it takes that one's place. What it raises is logged.
    """
    _askers[definition] = rows


def measure_once() -> None:
    """Measures everything; what cannot be measured now keeps its last figures."""
    for definition, rows in _askers.items():
        try:
            _latest[definition] = list(rows())
        except Exception as error:  # noqa: BLE001  one figure less is no reason to lose the others
            log.warning("metrics.not_measured", metric=definition.name, error=type(error).__name__)
        else:
            _latest[definitions.MEASURED_AT] = [(time.time(),)]


def watch(stop: threading.Event) -> threading.Thread:
    """Starts the thread that measures until `stop` is set; called once, by the relay."""
    for definition in (*_askers, definitions.MEASURED_AT):
        add(definition, partial(_last, definition))

    def run() -> None:
        while not stop.is_set():
            try:
                measure_once()
            finally:
                connection.close()
            stop.wait(EVERY_SECONDS)

    thread = threading.Thread(target=run, name="measuring", daemon=True)
    thread.start()
    return thread


def _last(definition: Definition) -> list[Row]:
    return _latest.get(definition, [])


def _rows(statement: str) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


for _definition, _statement in _STATEMENTS.items():
    measure(_definition, _statement)
