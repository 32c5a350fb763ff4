"""Writing the audit log, and proving that nobody rewrote it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from learninghub.audit.models import AuditEntry

_LOCK = 0x4155
_FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class Breach:
    """The first row that does not follow from the one before it."""

    entry_id: int


@transaction.atomic
def record(
    *,
    action: str,
    by: UUID,
    subject: UUID,
    now: datetime,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Appends what `by` did to `subject` in the caller's transaction.

    Takes the log's advisory lock until commit, so that the chain has one end.
    """
    take_the_end()
    last = AuditEntry.objects.order_by("-id").values_list("seal", flat=True).first()
    entry = AuditEntry(
        at=now, actor_id=by, action=action, subject_id=subject, reason=reason, details=dict(details or {})
    )
    entry.seal = _seal(last or _FIRST, entry)
    entry.save(force_insert=True)


def take_the_end() -> None:
    """Holds the end of the chain until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


def verify() -> Breach | None:
    """Walks the whole chain; returns the first breach, or None when every row follows from the one before it."""
    before = _FIRST
    for entry in AuditEntry.objects.order_by("id").iterator(chunk_size=1000):
        if entry.seal != _seal(before, entry):
            return Breach(entry.id)
        before = entry.seal
    return None


def _seal(before: str, entry: AuditEntry) -> str:
    row = [
        before,
        entry.at.astimezone(UTC).isoformat(),  # as it will be read back
        str(entry.actor_id),
        entry.action,
        str(entry.subject_id),
        entry.reason,
        entry.details,
    ]
    return hashlib.sha256(orjson.dumps(row, option=orjson.OPT_SORT_KEYS)).hexdigest()
