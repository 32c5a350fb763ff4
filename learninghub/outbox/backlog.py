"""What waits in the outbox and the queues' rows, at a glance."""

from dataclasses import dataclass

from django.db import connection

_STATEMENT = """
select coalesce(extract(epoch from statement_timestamp() - min(available_at)), 0)::float8 as lag_s,
       count(*) as waiting,
       (select count(*) from learninghub_outboxmessage where parked_at is not null) as parked,
       (select count(*) from learninghub_queuedmessage where dead_at is not null) as dead
  from learninghub_outboxmessage
 where published_at is null and parked_at is null and available_at <= statement_timestamp()
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Seconds that the oldest row waits, rows that wait, facts parked, messages that were given up as rows."""

    lag_s: float
    waiting: int
    parked: int
    dead: int


def backlog() -> Backlog:
    """The backlog of this moment, in one statement; dead letters that lie in the broker are not in it."""
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT)
        return Backlog(*cursor.fetchone())
