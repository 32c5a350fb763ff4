"""Asking Stripe for what its webhooks may not have told, and comparing the books."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet, Sum

from apps.payments.actions import webhooks
from apps.payments.actions.checkout import heal
from apps.payments.actions.fulfilment import look_again
from apps.payments.clients import stripe
from apps.payments.errors import StripeDisagrees, StripeRefused
from apps.payments.models import DayTotal, EventCursor, Order, Posting, StripeEvent
from apps.payments.queries.failures import STUCK_AFTER
from apps.payments.types import EntryKind, EventState, OrderState
from learninghub.jobs import enqueue

OVERLAP = timedelta(hours=1)
STRIPE_REMEMBERS = timedelta(days=30)
COMPARED_DAYS = 2
BATCH = 100

log = structlog.get_logger(__name__)


def reconcile(*, now: datetime) -> None:
    """Hears what was missed, looks at every order that waits, and compares the last whole days. Harmless twice.

    Raises StripeUnavailable; the next run then begins where this one did.
    """
    if not stripe.is_set_up():
        return
    hear_what_was_missed(now=now)
    _look_at(Order.objects.filter(state=OrderState.PENDING), now=now)
    for days_ago in range(1, COMPARED_DAYS + 1):
        compare(day=now.astimezone(UTC).date() - timedelta(days=days_ago), now=now)


def hear_what_was_missed(*, now: datetime) -> int:
    """Keeps every event since the last run that no webhook brought, and asks again for a look into those that wait.

    Says how many had been missed.
    """
    cursor = EventCursor.objects.filter(id=1).first()
    since = cursor.read_until - OVERLAP if cursor else now - STRIPE_REMEMBERS
    missed = sum(webhooks.keep(event, now=now) for event in reversed(stripe.list_events(since=since)))
    EventCursor.objects.update_or_create(id=1, defaults={"read_until": now})
    stuck = StripeEvent.objects.filter(state=EventState.RECEIVED, received_at__lte=now - STUCK_AFTER)
    with transaction.atomic():
        for event_id in stuck.order_by("received_at", "id").values_list("id", flat=True)[:BATCH]:
            enqueue("payments.look_into", event_id)
    if missed:
        log.warning("payments.events_missed", count=missed)
    return missed


def close_due(*, now: datetime) -> None:
    """Learns from Stripe how the checkouts ended whose time is over. Raises StripeUnavailable."""
    _look_at(Order.objects.filter(state=OrderState.PENDING, expires_at__lte=now), now=now)


def compare(*, day: date, now: datetime) -> None:
    """Writes down what Stripe and we have sold and refunded on a day (UTC), and says so where they differ (M7)."""
    begin = datetime.combine(day, time(), UTC)
    end = begin + timedelta(days=1)
    sold, refunded = _sums(EntryKind.SALE, begin, end), _sums(EntryKind.REFUND, begin, end)
    sold_at_stripe = stripe.sum_charges(since=begin, until=end)
    refunded_at_stripe = stripe.sum_refunds(since=begin, until=end)
    for currency in sorted({*sold, *refunded, *sold_at_stripe, *refunded_at_stripe}):
        figures = {
            "sold": sold[currency],
            "sold_at_stripe": sold_at_stripe[currency],
            "refunded": refunded[currency],
            "refunded_at_stripe": refunded_at_stripe[currency],
        }
        DayTotal.objects.update_or_create(day=day, currency=currency, defaults=figures | {"compared_at": now})
        if (sold[currency], refunded[currency]) != (sold_at_stripe[currency], refunded_at_stripe[currency]):
            log.error("payments.day_disagrees", day=day.isoformat(), currency=currency, **figures)


def _look_at(orders: QuerySet[Order], *, now: datetime) -> None:
    """Looks at each, the longest waiting first; what is odd with one keeps no other from its turn."""
    for order_id in orders.order_by("expires_at", "id").values_list("id", flat=True)[:BATCH]:
        try:
            heal(order_id=order_id)
            look_again(order_id=order_id, now=now)
        except (StripeRefused, StripeDisagrees):
            log.exception("payments.order_is_odd", order_id=str(order_id))


def _sums(kind: EntryKind, begin: datetime, end: datetime) -> Counter[str]:
    moved = Posting.objects.filter(entry__kind=kind, entry__happened_at__gte=begin, entry__happened_at__lt=end)
    return Counter(dict(moved.order_by("currency").values_list("currency").annotate(Sum("amount"))))
