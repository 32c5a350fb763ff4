"""Every table of the kernel, for Django to find."""

from learninghub.audit.models import AuditEntry
from learninghub.http.idempotency.models import StoredAnswer
from learninghub.limits.models import LimitedUse
from learninghub.outbox.models import AggregateVersion, InboxEntry, OutboxMessage, QueuedMessage, ScheduledRun

__all__ = [
    "AggregateVersion",
    "AuditEntry",
    "InboxEntry",
    "LimitedUse",
    "OutboxMessage",
    "QueuedMessage",
    "ScheduledRun",
    "StoredAnswer",
]
