"""Writing facts and jobs into the outbox."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection, transaction

from learninghub import clock, events
from learninghub.db import prepared_cursor, uuid7
from learninghub.observability import trace_headers
from learninghub.outbox import wake
from learninghub.outbox.models import OutboxMessage

PARTITIONS = 16

# Numbering and writing are one statement; the version's row lock, held until commit, keeps the facts in order.
_NUMBER_AND_WRITE = """
with numbered as (
    insert into learninghub_aggregateversion (aggregate_type, aggregate_id, version)
    values (%(aggregate_type)s, %(aggregate_id)s, 1)
    on conflict (aggregate_type, aggregate_id)
    do update set version = learninghub_aggregateversion.version + 1
    returning version
)
insert into learninghub_outboxmessage
    (message_id, kind, name, aggregate_type, aggregate_id, aggregate_version, partition, payload, headers,
     occurred_at, available_at, attempts, last_error)
select %(message_id)s, %(kind)s, %(name)s, %(aggregate_type)s, %(aggregate_id)s, version, %(partition)s,
       %(payload)s::jsonb, %(headers)s::jsonb, statement_timestamp(),
       statement_timestamp() + %(delay)s * interval '1 second', 0, ''
from numbered
"""

# The same for several facts: each aggregate moves on by as many as it states, in the order they are given.
_NUMBER_AND_WRITE_ALL = """
with given as (
    select *, row_number() over same as nth, count(*) over (partition by aggregate_type, aggregate_id) as many
      from unnest(%(message_ids)s::uuid[], %(names)s::text[], %(aggregate_types)s::text[], %(aggregate_ids)s::text[],
                  %(partitions)s::smallint[], %(payloads)s::text[]) with ordinality
           as fact (message_id, name, aggregate_type, aggregate_id, partition, payload, place)
    window same as (partition by aggregate_type, aggregate_id order by place)
), numbered as (
    insert into learninghub_aggregateversion (aggregate_type, aggregate_id, version)
    select aggregate_type, aggregate_id, count(*) from given group by 1, 2 order by 1, 2
    on conflict (aggregate_type, aggregate_id)
    do update set version = learninghub_aggregateversion.version + excluded.version
    returning aggregate_type, aggregate_id, version
)
insert into learninghub_outboxmessage
    (message_id, kind, name, aggregate_type, aggregate_id, aggregate_version, partition, payload, headers,
     occurred_at, available_at, attempts, last_error)
select message_id, 'fact', name, aggregate_type, aggregate_id, version - many + nth, partition, payload::jsonb,
       %(headers)s::jsonb, statement_timestamp(), statement_timestamp(), 0, ''
  from given join numbered using (aggregate_type, aggregate_id)
 order by place
"""

# A job is its own aggregate: nothing comes before or after it.
_WRITE_JOB = """
insert into learninghub_outboxmessage
    (message_id, kind, name, aggregate_type, aggregate_id, aggregate_version, partition, payload, headers,
     occurred_at, available_at, attempts, last_error)
values (%(message_id)s, %(kind)s, %(name)s, %(aggregate_type)s, %(aggregate_id)s, 1, %(partition)s,
        %(payload)s::jsonb, %(headers)s::jsonb, statement_timestamp(),
       statement_timestamp() + %(delay)s * interval '1 second', 0, '')
"""

# Where the relay is a process of its own, the commit itself wakes it (R7): no statement more, one word a transaction.
_AND_TELL = f" returning pg_notify('{wake.CHANNEL}', '')"


class OutsideTransaction(RuntimeError):
    """A fact or job was stated outside a transaction, where it could be lost or told too early."""


def publish(fact: object) -> UUID:
    """States the fact in the caller's transaction; it leaves after commit, at least once.

    Takes the row lock of its aggregate's version. Raises OutsideTransaction.
    """
    kind = events.kind_of(type(fact))
    payload = events.dump(fact)
    return _write(
        _NUMBER_AND_WRITE,
        kind=OutboxMessage.Kind.FACT,
        name=kind.name,
        aggregate_type=f"{kind.app}.{kind.key}",
        aggregate_id=str(payload[kind.key]),
        payload=payload,
    )


def publish_all(facts: Sequence[object]) -> None:
    """States the facts as `publish` does, in this order and in one statement.

    Takes the row locks of their aggregates' versions, by name. Raises OutsideTransaction.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction
    if len(facts) <= 1:
        for fact in facts:
            publish(fact)
        return
    kinds = [events.kind_of(type(fact)) for fact in facts]
    payloads = [events.dump(fact) for fact in facts]
    aggregates = [
        (f"{kind.app}.{kind.key}", str(payload[kind.key])) for kind, payload in zip(kinds, payloads, strict=True)
    ]
    with prepared_cursor() as cursor:
        cursor.execute(
            _told(_NUMBER_AND_WRITE_ALL),
            {
                "message_ids": [uuid7() for _ in facts],
                "names": [kind.name for kind in kinds],
                "aggregate_types": [aggregate_type for aggregate_type, _ in aggregates],
                "aggregate_ids": [aggregate_id for _, aggregate_id in aggregates],
                "partitions": [_partition(*aggregate) for aggregate in aggregates],
                "payloads": [orjson.dumps(payload).decode() for payload in payloads],
                "headers": _headers(),
            },
        )
    transaction.on_commit(wake.relay.set)


def publish_job(*, name: str, payload: Mapping[str, Any], delay: timedelta) -> UUID:
    """Asks for the job in the caller's transaction. Raises OutsideTransaction."""
    return _write(_WRITE_JOB, kind=OutboxMessage.Kind.JOB, name=name, payload=payload, delay=delay)


def _write(
    statement: str,
    *,
    kind: str,
    name: str,
    payload: Mapping[str, Any],
    aggregate_type: str = "job",
    aggregate_id: str = "",
    delay: timedelta = timedelta(0),
) -> UUID:
    if not connection.in_atomic_block:
        raise OutsideTransaction(name)
    message_id = uuid7()
    aggregate_id = aggregate_id or str(message_id)
    with prepared_cursor() as cursor:
        cursor.execute(
            _told(statement),
            {
                "message_id": message_id,
                "kind": kind,
                "name": name,
                "aggregate_type": aggregate_type,
                "aggregate_id": aggregate_id,
                "partition": _partition(aggregate_type, aggregate_id),
                "payload": orjson.dumps(payload).decode(),
                "headers": _headers(),
                "delay": delay.total_seconds(),
            },
        )
    transaction.on_commit(wake.relay.set)
    return message_id


def _headers() -> str:
    return orjson.dumps(trace_headers() | clock.headers()).decode()


def _told(statement: str) -> str:
    return statement + _AND_TELL if settings.AMQP_URL else statement


def _partition(aggregate_type: str, aggregate_id: str) -> int:
    return zlib.crc32(f"{aggregate_type}:{aggregate_id}".encode()) % PARTITIONS
