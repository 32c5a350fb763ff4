"""Facts, jobs, the audit log: what was stated leaves, arrives once where it is heard, and is never rewritten."""

from collections.abc import Iterator
from typing import Any

from config.invariants.invariant import Invariant
from learninghub import audit, events


def _heard() -> dict[str, Any]:
    known = events.handlers()
    return {"names": [one.kind.name for one in known], "handlers": [one.name for one in known]}


def _rewritten() -> Iterator[tuple[str, str]]:
    if breach := audit.verify():
        yield str(breach.entry_id), "does not follow from the entry before it"


INVARIANTS = (
    Invariant(
        code="O1",
        promise="Nothing that is due waits in the outbox for more than a minute.",
        statement="""
            select message_id::text, format('%s, due since %s', name, available_at) from learninghub_outboxmessage
             where published_at is null and parked_at is null and available_at < now() - interval '1 min'""",
    ),
    Invariant(
        code="O2",
        promise="A fact has been heard by all who are to hear it within five minutes of leaving, or is tried again.",
        statement="""
            select o.message_id::text, format('%%s was not heard by %%s', o.name, h.handler)
              from unnest(%(names)s::text[], %(handlers)s::text[]) as h (name, handler)
              join learninghub_outboxmessage o on o.name = h.name
             where o.kind = 'fact'
               and o.published_at between now() - interval '6 days' and now() - interval '5 min'
               and not exists (select from learninghub_inboxentry i
                                where i.message_id = o.message_id and i.handler = h.handler)
               and not exists (select from learninghub_queuedmessage q
                                where q.message_id = o.message_id and q.target = h.handler)""",
        values=_heard,
    ),
    Invariant(
        code="O3",
        promise="Nothing was done for a fact that nobody stated.",
        statement="""
            select i.message_id::text, format('heard by %s', i.handler) from learninghub_inboxentry i
             where i.done_at > now() - interval '6 days'
               and not exists (select from learninghub_outboxmessage o where o.message_id = i.message_id)""",
    ),
    Invariant(
        code="O4",
        promise="No fact is parked, and no message was given up.",
        statement="""
            select message_id::text, format('%s is parked: %s', name, last_error) from learninghub_outboxmessage
             where parked_at is not null
            union all
            select message_id::text, format('%s was given up: %s', target, last_error) from learninghub_queuedmessage
             where dead_at is not null""",
    ),
    Invariant(
        code="O5",
        promise="The facts of an aggregate are numbered without a gap, up to the number it has reached.",
        statement="""
            select o.aggregate_type || ' ' || o.aggregate_id,
                   format('%s facts from %s to %s, counted to %s', count(*), min(aggregate_version),
                          max(aggregate_version), v.version)
              from learninghub_outboxmessage o
              left join learninghub_aggregateversion v using (aggregate_type, aggregate_id)
             where o.kind = 'fact'
             group by o.aggregate_type, o.aggregate_id, v.version
            having count(*) <> max(aggregate_version) - min(aggregate_version) + 1
                or max(aggregate_version) is distinct from v.version""",
    ),
    Invariant(
        code="O6",
        promise="No scheduled job is more than a quarter of an hour late.",
        statement="""
            select name, format('due since %s', due_at) from learninghub_scheduledrun
             where due_at < now() - interval '15 min'""",
    ),
    Invariant(
        code="AU1",
        promise="The audit log is as it was written.",
        look=_rewritten,
    ),
)
