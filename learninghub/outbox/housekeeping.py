"""What the outbox forgets, and when (rule R8)."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from learninghub.outbox.models import InboxEntry, OutboxMessage

KEEP_PUBLISHED = timedelta(days=7)
KEEP_INBOX = timedelta(days=35)  # as long as dead letters and backups may be replayed
BATCH = 1000


def forget_published(*, now: datetime) -> int:
    """Deletes published messages and old inbox entries in batches; returns how many rows went."""
    return _delete(OutboxMessage.objects.filter(published_at__lt=now - KEEP_PUBLISHED)) + _delete(
        InboxEntry.objects.filter(done_at__lt=now - KEEP_INBOX)
    )


def _delete(rows: QuerySet[Any]) -> int:
    gone = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        gone += rows.model.objects.filter(pk__in=ids).delete()[0]
    return gone
