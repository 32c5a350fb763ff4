"""What is in the way of somebody's money, counted."""

from datetime import date, timedelta

from django.db.models import Count, F, Q
from django.db.models.functions import Now

from apps.payments.models import DayTotal, Order, Refund, StripeEvent
from apps.payments.types import EventState, OrderState, RefundState
from learninghub.db import Figures, per_day

STUCK_AFTER = timedelta(minutes=10)
_UNLIKE = ~Q(sold=F("sold_at_stripe")) | ~Q(refunded=F("refunded_at_stripe"))


def figures(*, first: date, last: date) -> Figures:
    """Orders of each day whose payment was declined or that wait to be given back, refunds of each day that failed,
    events of each day that nobody looked into, and whether the day is unlike Stripe's.
    """
    declined = Order.objects.filter(state__in=(OrderState.PENDING, OrderState.EXPIRED)).exclude(decline_id="")
    stuck = StripeEvent.objects.filter(state=EventState.RECEIVED, received_at__lte=Now() - STUCK_AFTER)
    unlike = DayTotal.objects.filter(_UNLIKE, day__gte=first, day__lte=last)
    return {
        "orders_declined": per_day(declined, first=first, last=last),
        "orders_returning": per_day(Order.objects.filter(state=OrderState.RETURNING), first=first, last=last),
        "refunds_failed": per_day(Refund.objects.filter(state=RefundState.FAILED), first=first, last=last),
        "events_stuck": per_day(stuck, first=first, last=last, by="received_at"),
        "days_unlike": dict(unlike.order_by("day").values_list("day").annotate(Count("currency"))),
    }
