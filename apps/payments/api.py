"""The door of payments: the files of bills, for mails; figures, for staff; buying and giving back, for the demo."""

from datetime import date, datetime
from uuid import UUID

from apps.payments.actions import checkout, fulfilment, refunds
from apps.payments.actions.checkout import check_out
from apps.payments.queries import bills, orders, revenue
from apps.payments.queries.failures import figures
from apps.payments.types import Attachment, PlacedOrder, Revenue

__all__ = [
    "check_out",
    "figures",
    "find_order",
    "get_credit_note_file",
    "get_document_file",
    "give_back",
    "list_revenue",
    "look_again",
    "refund",
]


def find_order(*, user_id: UUID, course_id: UUID) -> PlacedOrder | None:
    """The learner's newest order of the course."""
    return orders.find_newest(user_id=user_id, course_id=course_id)


def look_again(*, order_id: UUID, now: datetime) -> None:
    """Brings the order up to date with Stripe, outside any transaction; harmless twice.

    Raises StripeUnavailable, StripeRefused, StripeDisagrees.
    """
    checkout.heal(order_id=order_id)
    fulfilment.look_again(order_id=order_id, now=now)


def give_back(*, order_id: UUID, by: UUID, now: datetime) -> None:
    """The learner gives the course back within 14 days; their money follows by a job.

    Raises OrderNotFound (also for someone else's), NotRefundable, RefundTooLate.
    """
    refunds.give_back(order_id=order_id, amount=None, by=by, now=now)


def refund(*, order_id: UUID, amount: int, by: UUID, now: datetime) -> None:
    """Staff give a part of an order's money back; it follows by a job.

    Raises OrderNotFound, NotRefundable, RefundTooLarge, Invalid.
    """
    refunds.refund(order_id=order_id, amount=amount, by=by, now=now)


def get_document_file(*, document_id: UUID) -> Attachment:
    """The file of an invoice or credit note; raises DocumentNotFound and DocumentNotReady."""
    return bills.read_document(document_id=document_id)


def get_credit_note_file(*, refund_id: UUID) -> Attachment:
    """The file of the refund's credit note; raises DocumentNotFound and DocumentNotReady."""
    return bills.read_credit_note(refund_id=refund_id)


def list_revenue(*, first: date, last: date) -> list[Revenue]:
    """What all courses brought on each UTC day and in each currency, the latest day first."""
    return revenue.list_days(first=first, last=last, course_ids=None)
