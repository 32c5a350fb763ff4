"""Reads of what courses bring in."""

from collections.abc import Collection
from datetime import UTC, date, timedelta
from uuid import UUID

from django.db.models import Q, Sum
from django.db.models.functions import TruncDate

from apps.payments.models import Posting
from apps.payments.types import Account, Revenue
from learninghub.db.days import start_of


def list_days(*, first: date, last: date, course_ids: Collection[UUID] | None) -> list[Revenue]:
    """What these courses brought on each UTC day and in each currency, the latest day first; None is all courses.

    Read from the ledger itself, in one statement by the moments of its entries (decision 80).
    """
    moved = Posting.objects.filter(
        entry__happened_at__gte=start_of(first), entry__happened_at__lt=start_of(last + timedelta(days=1))
    )
    if course_ids is not None:
        moved = moved.filter(entry__order__course_id__in=course_ids)
    days = moved.values("currency", day=TruncDate("entry__happened_at", tzinfo=UTC)).annotate(
        gross=_sum(Q(debited=Account.STRIPE)),
        refunds=_sum(Q(credited=Account.STRIPE) & ~Q(debited=Account.FEES)),
        tax=_sum(Q(credited=Account.TAX)) - _sum(Q(debited=Account.TAX)),
        fees=_sum(Q(debited=Account.FEES)),
    )
    return [Revenue(**day) for day in days.order_by("-day", "currency")]


def _sum(which: Q) -> Sum:
    return Sum("amount", filter=which, default=0)
