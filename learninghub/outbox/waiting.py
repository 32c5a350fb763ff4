"""What is to be tried again waits as a row, never as a message that the broker holds back (rule R13)."""

import dataclasses
from datetime import datetime, timedelta

from django.db import transaction

from learninghub import metrics
from learninghub.outbox.crash import crashpoint
from learninghub.outbox.envelope import Envelope, Unsendable
from learninghub.outbox.models import QueuedMessage
from learninghub.outbox.relay import Transport
from learninghub.outbox.retrying import count_dead
from learninghub.outbox.rows import envelope_of, row_of

BATCH = 100
REFUSED_FOR = timedelta(seconds=10)


def wait(envelope: Envelope, *, attempts: int, until: datetime, error: str) -> None:
    """Keeps the envelope until then, for `relay_waiting` to send; the same message for the same target is one row."""
    row = row_of(dataclasses.replace(envelope, attempts=attempts, available_at=until))
    row.last_error = error
    QueuedMessage.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["message_id", "target"],
        update_fields=["attempts", "available_at", "last_error"],
    )


def relay_waiting(*, transport: Transport, now: datetime) -> int:
    """Sends a batch of what has waited long enough; returns how many rows left.

    Locks the rows while it sends, passing over what another relay has locked: what is tried again has no order. A row
    goes only when the broker has confirmed its message, so a death in between sends it twice, and loses nothing. One
    that no message can hold lies dead, and the others go in the next round.
    """
    with transaction.atomic():
        due = QueuedMessage.objects.filter(dead_at__isnull=True, available_at__lte=now).order_by("available_at", "id")
        rows = list(due.select_for_update(skip_locked=True)[:BATCH])
        if not rows:
            return 0
        try:
            sent = transport.send([envelope_of(row) for row in rows])
        except Unsendable as error:
            QueuedMessage.objects.filter(message_id=error.message_id).update(dead_at=now, last_error=str(error))
            for target in [row.target for row in rows if row.message_id == error.message_id]:
                count_dead(target)
            return 0
        crashpoint("relay.after_send")
        left = [row.id for row in rows if row.message_id in sent]
        QueuedMessage.objects.filter(id__in=left).delete()
        # What a full queue refuses stands aside, so that it does not keep the others waiting.
        QueuedMessage.objects.filter(id__in=[row.id for row in rows if row.id not in left]).update(
            available_at=now + REFUSED_FOR
        )
    metrics.RELAYED.labels("sent").inc(len(left))
    metrics.RELAYED.labels("unconfirmed").inc(len(rows) - len(left))
    return len(left)
