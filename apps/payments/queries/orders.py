"""The reads of orders."""

from uuid import UUID

from apps.payments.errors import OrderNotFound
from apps.payments.models import Order
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


def is_owner(*, user_id: UUID, order_id: UUID) -> bool:
    """Whether the person made the order."""
    return Order.objects.of(user_id).filter(id=order_id).exists()
