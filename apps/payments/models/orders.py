"""Tables of what people buy, and what they get back."""

from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.payments.types import OrderState, RefundReason, RefundState
from learninghub.db import BaseModel
from learninghub.money import written

# At most one of these for each learner and course (M2).
LIVE_STATES = (OrderState.PENDING, OrderState.PAID)
# Stripe has taken the money of these.
_CAPTURED = (OrderState.PAID, OrderState.RETURNING, OrderState.REFUNDED, OrderState.LOST)


class OrderQuerySet(models.QuerySet["Order"]):
    def live(self) -> Self:
        return self.filter(state__in=LIVE_STATES)

    def of(self, user_id: UUID) -> Self:
        return self.filter(user_id=user_id)


class Order(BaseModel):
    """One learner buys one course; price, tax and seller are those of the moment it was asked for.

    Amounts are gross and in minor units, the tax rate is in basis points. What Stripe calls its parts is empty until
    Stripe has told. `decline_id` is the last failed try that the learner was told of, `looked_at`
    when Stripe was last asked for somebody who waits.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    course = models.ForeignKey("courses.Course", models.PROTECT, related_name="+")
    course_title = models.CharField(max_length=200)
    seller = models.JSONField()
    state = models.CharField(max_length=9, choices=[(state, state) for state in OrderState], default=OrderState.PENDING)
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    tax_rate = models.PositiveSmallIntegerField()
    tax_amount = models.PositiveIntegerField()
    refunded_amount = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    checkout_url = models.TextField(default="")
    session_id = models.CharField(max_length=255, default="")
    payment_intent_id = models.CharField(max_length=255, default="")
    charge_id = models.CharField(max_length=255, default="")
    decline_id = models.CharField(max_length=255, default="")
    dispute_id = models.CharField(max_length=255, default="")
    looked_at = models.DateTimeField(null=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "course"], condition=Q(state__in=LIVE_STATES), name="payments_order_one_live"
            ),
            models.UniqueConstraint(fields=["session_id"], condition=~Q(session_id=""), name="payments_order_session"),
            models.UniqueConstraint(
                fields=["payment_intent_id"], condition=~Q(payment_intent_id=""), name="payments_order_intent"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_order_costs_something"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="payments_order_currency"),
            models.CheckConstraint(condition=Q(tax_amount__lt=F("amount")), name="payments_order_tax"),
            models.CheckConstraint(condition=Q(refunded_amount__lte=F("amount")), name="payments_order_refunded"),
            models.CheckConstraint(
                condition=Q(state__in=_CAPTURED, paid_at__isnull=False) & ~Q(payment_intent_id="")
                | ~Q(state__in=_CAPTURED) & Q(paid_at__isnull=True, refunded_amount=0),
                name="payments_order_captured",
            ),
            models.CheckConstraint(
                condition=~Q(state=OrderState.REFUNDED) | Q(refunded_amount=F("amount")),
                name="payments_order_refunded_in_full",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="payments_order_mine_newest"),
            models.Index(fields=["expires_at"], condition=Q(state=OrderState.PENDING), name="payments_order_due"),
            models.Index(fields=["paid_at"], condition=Q(paid_at__isnull=False), name="payments_order_paid_on"),
        ]

    def __str__(self) -> str:
        return f"{self.course_title}, {written(self.amount, self.currency)}"

    @property
    def open_url(self) -> str | None:
        """Where the order is paid, while it can be."""
        return self.checkout_url or None if self.state == OrderState.PENDING else None


class Refund(BaseModel):
    """A part or the whole of an order's money on its way back; `requested_by` is nobody where we did it ourselves.

    How much of it is tax is known when it is settled.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds")
    amount = models.PositiveIntegerField()
    tax_amount = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=15, choices=[(reason, reason) for reason in RefundReason])
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False
    )
    state = models.CharField(
        max_length=9, choices=[(state, state) for state in RefundState], default=RefundState.REQUESTED
    )
    stripe_id = models.CharField(max_length=255, default="")
    settled_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=255, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stripe_id"], condition=~Q(stripe_id=""), name="payments_refund_at_stripe"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_refund_of_something"),
            models.CheckConstraint(condition=Q(tax_amount__lte=F("amount")), name="payments_refund_tax"),
            models.CheckConstraint(
                condition=Q(state=RefundState.SETTLED, settled_at__isnull=False) & ~Q(stripe_id="")
                | ~Q(state=RefundState.SETTLED) & Q(settled_at__isnull=True),
                name="payments_refund_settled",
            ),
        ]
