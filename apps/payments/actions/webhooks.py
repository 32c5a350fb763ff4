"""Hearing of Stripe's events: kept once and answered at once, looked into by a job."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from apps.payments.actions.checkout import heal
from apps.payments.actions.fulfilment import look_again
from apps.payments.clients import stripe
from apps.payments.models import Order, StripeEvent
from apps.payments.types import EventSeen, EventState
from learninghub.jobs import enqueue


def receive(*, body: bytes, signature: str, now: datetime) -> None:
    """Keeps what Stripe tells, of whatever kind; harmless twice. Raises BadSignature."""
    keep(stripe.read_event(body, signature, now=now), now=now)


@transaction.atomic
def keep(event: EventSeen, *, now: datetime) -> bool:
    """Writes the event down and asks for a look at its order; says whether it was new."""
    _, is_new = StripeEvent.objects.get_or_create(
        id=event.id,
        defaults={
            "type": event.type,
            "created": event.created,
            "object_id": event.object_id,
            "order_ref": event.order_id,
            "payment_intent_id": event.payment_intent_id,
            "received_at": now,
        },
    )
    if is_new:
        enqueue("payments.look_into", event.id)
    return is_new


def look_into(*, event_id: str, now: datetime) -> None:
    """Looks at the order that the event is about, if it is one of ours; harmless twice, in any order, however late.

    Raises StripeUnavailable, StripeRefused, StripeDisagrees.
    """
    event = StripeEvent.objects.get(id=event_id)
    if event.state == EventState.DONE:
        return
    StripeEvent.objects.filter(id=event_id).update(attempts=F("attempts") + 1)
    order_id = _order_of(event)
    if order_id is not None:
        heal(order_id=order_id)
        look_again(order_id=order_id, now=now)
    StripeEvent.objects.filter(id=event_id).update(state=EventState.DONE, done_at=now)


def _order_of(event: StripeEvent) -> UUID | None:
    orders = Order.objects.order_by("id").values_list("id", flat=True)
    if event.order_ref:
        return orders.filter(id=event.order_ref).first()
    return orders.filter(payment_intent_id=event.payment_intent_id).first() if event.payment_intent_id else None
