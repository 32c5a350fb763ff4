"""What payments states."""

from uuid import UUID

from learninghub.events import event


@event("payments.order_paid.v1", key="order_id")
class OrderPaid:
    """A learner paid for a course, in full, and has access to it."""

    order_id: UUID
    user_id: UUID
    course_id: UUID
    amount: int
    currency: str


@event("payments.order_expired.v1", key="order_id")
class OrderExpired:
    """A checkout was not paid in time; its seat is free again."""

    order_id: UUID
    user_id: UUID
    course_id: UUID


@event("payments.payment_failed.v1", key="order_id")
class PaymentFailed:
    """A bank declined a payment; until the order expires, it can be tried again."""

    order_id: UUID
    user_id: UUID
    course_id: UUID
    decline_code: str


@event("payments.order_refunded.v1", key="order_id")
class OrderRefunded:
    """Money went back to the learner; with all of it, access to the course ends. The reason is a RefundReason."""

    order_id: UUID
    refund_id: UUID
    user_id: UUID
    course_id: UUID
    amount: int
    currency: str
    is_full: bool
    reason: str


@event("payments.refund_failed.v1", key="order_id")
class RefundFailed:
    """Money that was promised back could not be sent; staff can send it again."""

    order_id: UUID
    refund_id: UUID
    user_id: UUID
    course_id: UUID
    amount: int
    currency: str


@event("payments.dispute_lost.v1", key="order_id")
class DisputeLost:
    """A bank took the money of an order back for good; access to the course ends."""

    order_id: UUID
    user_id: UUID
    course_id: UUID
    amount: int
    currency: str


@event("payments.invoice_issued.v1", key="invoice_id")
class InvoiceIssued:
    """A payment has arrived, and its invoice has a number; the file follows."""

    invoice_id: UUID
    order_id: UUID
    user_id: UUID
    course_id: UUID
    number: str
    amount: int
    currency: str
