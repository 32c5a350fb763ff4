"""The reads of orders."""

from uuid import UUID

from django.db.models import Sum

from apps.payments.errors import OrderNotFound
from apps.payments.models import Order
from apps.payments.types import OrderState, PlacedOrder, RefundState
from learninghub.http.pagination import Page, PageRequest, paginate


def list_orders(*, user_id: UUID, page: PageRequest) -> Page[Order]:
    """What the person ordered, newest first."""
    return paginate(Order.objects.of(user_id), order_by=["-created_at", "-id"], page=page)


def get_order(*, order_id: UUID) -> Order:
    """One order; raises OrderNotFound."""
    order = Order.objects.filter(id=order_id).first()
    if order is None:
        raise OrderNotFound
    return order


def find_newest(*, user_id: UUID, course_id: UUID) -> PlacedOrder | None:
    """The person's newest order of the course."""
    order = Order.objects.of(user_id).filter(course_id=course_id).order_by("-created_at", "-id").first()
    if order is None:
        return None
    return PlacedOrder(id=order.id, state=OrderState(order.state), is_whole=not order.refunds.exists())


def find_state(*, order_id: UUID) -> OrderState | None:
    """How the order stands; None where there is none."""
    state = Order.objects.filter(id=order_id).values_list("state", flat=True).first()
    return OrderState(state) if state else None


def count_left(*, order: Order) -> int:
    """How much of the order is neither refunded nor promised; 0 where none can be, as while a dispute is open."""
    if order.state not in {OrderState.PAID, OrderState.RETURNING} or order.dispute_id:
        return 0
    promised: int = order.refunds.filter(state=RefundState.REQUESTED).aggregate(sum=Sum("amount", default=0))["sum"]
    return max(0, order.amount - order.refunded_amount - promised)


def is_owner(*, user_id: UUID, order_id: UUID) -> bool:
    """Whether the person made the order."""
    return Order.objects.of(user_id).filter(id=order_id).exists()
