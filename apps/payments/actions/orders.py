"""What orders become, in the caller's transaction and under their row lock."""

from uuid import UUID

from apps.enrollments import api as enrollments
from apps.payments import rules
from apps.payments.errors import OrderNotFound, StripeDisagrees
from apps.payments.events import OrderExpired
from apps.payments.models import Order
from apps.payments.types import OrderState
from learninghub.outbox import publish


def lock_order(*, order_id: UUID) -> Order:
    """The order under its row lock, which everyone takes first; raises OrderNotFound."""
    order = Order.objects.select_for_update(no_key=True).filter(id=order_id).first()
    if order is None:
        raise OrderNotFound
    return order


def become(order: Order, state: OrderState, *changed: str) -> None:
    """Writes the order's new state, and the fields that changed with it; raises StripeDisagrees."""
    if not rules.may_follow(OrderState(order.state), state):
        raise StripeDisagrees(f"order {order.id} cannot go from {order.state} to {state}")
    order.state = state
    order.save(update_fields=["state", "updated_at", *changed])


def expire(order: Order) -> None:
    """The checkout is over and nobody paid: the seat is free again."""
    become(order, OrderState.EXPIRED)
    enrollments.release_seat(user_id=order.user_id, course_id=order.course_id)
    publish(OrderExpired(order_id=order.id, user_id=order.user_id, course_id=order.course_id))
