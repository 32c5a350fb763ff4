"""Tables of what Stripe told us, and how far we have asked for what it did not."""

from django.db import models
from django.db.models import Q

from apps.payments.types import EventState


class StripeEvent(models.Model):
    """One event of Stripe's, by its id there: a hint at what to read again, never what is believed.

    Nothing of its contents is kept but where to look: the object, the order it names, the payment it belongs to.
    """

    id = models.CharField(primary_key=True, max_length=255)
    type = models.CharField(max_length=100)
    created = models.DateTimeField()
    object_id = models.CharField(max_length=255)
    order_ref = models.UUIDField(null=True)
    payment_intent_id = models.CharField(max_length=255, default="")
    state = models.CharField(
        max_length=8, choices=[(state, state) for state in EventState], default=EventState.RECEIVED
    )
    attempts = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["received_at"], condition=Q(state=EventState.RECEIVED), name="payments_stripeevent_open"
            ),
        ]


class EventCursor(models.Model):
    """Up to which moment Stripe has been asked for its events; there is one row."""

    read_until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="payments_eventcursor_is_one")]


class DayTotal(models.Model):
    """What Stripe and we have sold and refunded on one day (UTC) in one currency, as last compared (M7)."""

    day = models.DateField()
    currency = models.CharField(max_length=3)
    sold = models.PositiveBigIntegerField()
    sold_at_stripe = models.PositiveBigIntegerField()
    refunded = models.PositiveBigIntegerField()
    refunded_at_stripe = models.PositiveBigIntegerField()
    compared_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "currency"], name="payments_daytotal_once")]
