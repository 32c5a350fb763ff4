"""Entering what moved money."""

from collections.abc import Sequence
from datetime import datetime

from apps.payments.models import Entry, Order, Posting
from apps.payments.rules import Move
from apps.payments.types import EntryKind


def enter(
    order: Order, kind: EntryKind, moves: Sequence[Move], *, source: str, happened_at: datetime, currency: str
) -> bool:
    """Enters what happened at its source, in the caller's transaction; says whether it was new. Harmless twice."""
    entry, is_new = Entry.objects.get_or_create(
        kind=kind, source=source, defaults={"order": order, "happened_at": happened_at}
    )
    if is_new:
        Posting.objects.bulk_create(
            Posting(entry=entry, credited=move.credited, debited=move.debited, amount=move.amount, currency=currency)
            for move in moves
        )
    return is_new
