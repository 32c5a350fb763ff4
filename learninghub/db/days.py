"""Counting a table's rows by the day they were made, without reading the older ones."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

Figures = dict[str, dict[date, int]]
"""What was counted, by name, for each UTC day on which there was any."""


def start_of(day: date) -> datetime:
    """The first moment of the day in UTC."""
    return datetime.combine(day, time.min, UTC)


def per_day(rows: QuerySet[Any], *, first: date, last: date, by: str = "created_at") -> dict[date, int]:
    """How many rows there are for each UTC day from `first` to `last`.

    By `created_at` the rows are found by their keys, which sort by age; another field must have an index of its own.
    """
    after, before = start_of(first), start_of(last + timedelta(days=1))
    if by == "created_at":
        rows = rows.filter(id__gte=_first_key(after), id__lt=_first_key(before))
    else:
        rows = rows.filter(**{f"{by}__gte": after, f"{by}__lt": before})
    counted = rows.order_by().annotate(day=TruncDate(by, tzinfo=UTC)).values_list("day").annotate(Count("pk"))
    return dict(counted)


def _first_key(moment: datetime) -> UUID:
    """The smallest version 7 UUID of the moment (RFC 9562, section 5.7)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)
