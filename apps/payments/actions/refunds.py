"""Giving money back: promised in one transaction, asked of Stripe by a job, settled when Stripe has done it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.enrollments import api as enrollments
from apps.enrollments.types import TakenBack
from apps.payments import rules
from apps.payments.actions import invoicing, ledger
from apps.payments.actions.orders import become, lock_order
from apps.payments.clients import stripe
from apps.payments.errors import NotRefundable, OnlyInFull, OrderNotFound, RefundTooLarge, RefundTooLate, StripeRefused
from apps.payments.events import OrderRefunded, RefundFailed
from apps.payments.models import Order, Refund
from apps.payments.queries import orders
from apps.payments.types import EntryKind, OrderState, RefundReason, RefundSeen, RefundState
from learninghub import audit
from learninghub.errors import Invalid
from learninghub.jobs import enqueue
from learninghub.money import written
from learninghub.outbox import publish
from learninghub.outbox.crash import crashpoint


@transaction.atomic
def give_back(*, order_id: UUID, amount: int | None, by: UUID, now: datetime) -> Refund:
    """The learner gives the course back within 14 days and gets all that is left of their money, no other amount.

    Raises OrderNotFound (also for someone else's), OnlyInFull, NotRefundable, RefundTooLate.
    """
    if amount is not None:
        raise OnlyInFull
    order = lock_order(order_id=order_id)
    if order.user_id != by:
        raise OrderNotFound
    left = _left(order)
    if order.paid_at is None or not rules.may_withdraw(paid_at=order.paid_at, now=now):
        raise RefundTooLate
    return promise(order, amount=left, reason=_reason(order, RefundReason.WITHDRAWAL), by=by, now=now)


@transaction.atomic
def refund(*, order_id: UUID, amount: int | None, by: UUID, now: datetime) -> Refund:
    """Staff give a part of an order's money back, or all that is left of it; the audit log keeps who did.

    Also of an order whose money did not go back by itself.

    Raises OrderNotFound, NotRefundable, RefundTooLarge, Invalid.
    """
    order = lock_order(order_id=order_id)
    left = _left(order)
    if amount is not None and amount <= 0:
        raise Invalid(errors={"amount": ["More than nothing."]})
    if amount is not None and amount > left:
        most = f"At most {written(left, order.currency)} can go back."
        raise RefundTooLarge(left=left, errors={"amount": [most]})
    reason = _reason(order, RefundReason.GOODWILL)
    promised = promise(order, amount=amount or left, reason=reason, by=by, now=now)
    told = {"refund": str(promised.id), "amount": promised.amount, "currency": order.currency}
    audit.record(action="payments.refund", by=by, subject=order.id, now=now, details=told)
    return promised


def promise(order: Order, *, amount: int, reason: RefundReason, by: UUID | None, now: datetime) -> Refund:
    """Writes down money that is to go back, in the caller's transaction and under the order's lock."""
    promised = Refund.objects.create(order=order, amount=amount, reason=reason, requested_by_id=by, created_at=now)
    enqueue("payments.refund", promised.id)
    return promised


def carry_out(*, refund_id: UUID, now: datetime) -> None:
    """Has Stripe give the promised money back; harmless twice. Raises StripeUnavailable.

    Whatever Stripe has of the order is read first: its memory of keys is shorter than an outage may be.
    """
    promised = Refund.objects.select_related("order").get(id=refund_id)
    order = promised.order
    for known in stripe.look(order.session_id).refunds:
        settle_one(order_id=order.id, made=known, now=now)
    promised.refresh_from_db(fields=["state", "stripe_id"])
    if promised.state != RefundState.REQUESTED or promised.stripe_id:
        return
    crashpoint("refund.before_call")
    try:
        made = stripe.refund(
            refund_id=refund_id,
            order_id=order.id,
            payment_intent_id=order.payment_intent_id,
            amount=promised.amount,
        )
    except StripeRefused as error:
        give_up(refund_id=refund_id, order_id=order.id, failure=str(error)[:255])
        return
    crashpoint("refund.after_call")
    settle_one(order_id=order.id, made=made, now=now)


@transaction.atomic
def give_up(*, refund_id: UUID, order_id: UUID, failure: str) -> None:
    """Writes down that Stripe will not give the promised money back; harmless twice."""
    order = lock_order(order_id=order_id)
    refund = order.refunds.get(id=refund_id)
    if refund.state == RefundState.REQUESTED:
        _fail(order, refund, failure)


@transaction.atomic
def settle_one(*, order_id: UUID, made: RefundSeen, now: datetime) -> None:
    """As `settle`, in a transaction and under a lock of its own, with the credit note."""
    order = lock_order(order_id=order_id)
    settle(order, made)
    invoicing.issue_due(order=order, now=now)


def settle(order: Order, made: RefundSeen) -> None:
    """Writes down what became of a refund, in the caller's transaction and under the order's lock; harmless twice.

    When all money is back, the learner loses the course. Refunds made at Stripe itself are ours from now on. The
    credit note is the caller's to issue, when nothing else is left to lock.
    """
    refund = _find(order, made)
    if refund.state == RefundState.SETTLED or (refund.state == RefundState.FAILED and not made.is_settled):
        return
    refund.stripe_id = made.id
    if made.failure:
        _fail(order, refund, made.failure)
        return
    if made.is_settled:
        refund.state, refund.settled_at = RefundState.SETTLED, made.created
        refund.tax_amount = rules.tax_of_refund(refund.amount, already=order.refunded_amount, rate=order.tax_rate)
    refund.save()
    if refund.state == RefundState.SETTLED:
        _book(order, refund, settled_at=made.created)


def _fail(order: Order, refund: Refund, failure: str) -> None:
    """The learner is told, unless all of the money is back by another way."""
    refund.state, refund.failure = RefundState.FAILED, failure
    refund.save()
    if order.refunded_amount < order.amount:
        publish(RefundFailed(**_told(order, refund)))


def _book(order: Order, refund: Refund, *, settled_at: datetime) -> None:
    order.refunded_amount += refund.amount
    is_full = order.refunded_amount == order.amount
    had_access = order.state == OrderState.PAID
    if is_full and rules.may_follow(OrderState(order.state), OrderState.REFUNDED):
        become(order, OrderState.REFUNDED, "refunded_amount")
        if had_access:
            enrollments.take_back(user_id=order.user_id, course_id=order.course_id, reason=TakenBack.REFUND)
    else:
        order.save(update_fields=["refunded_amount", "updated_at"])
    moves = rules.refund(refund.amount, tax=refund.tax_amount)
    ledger.enter(
        order, EntryKind.REFUND, moves, source=refund.stripe_id, happened_at=settled_at, currency=order.currency
    )
    publish(OrderRefunded(**_told(order, refund), is_full=is_full, reason=refund.reason))


def _told(order: Order, refund: Refund) -> dict[str, Any]:
    """What every fact about a refund tells."""
    return {
        "order_id": order.id,
        "refund_id": refund.id,
        "user_id": order.user_id,
        "course_id": order.course_id,
        "amount": refund.amount,
        "currency": order.currency,
    }


def _find(order: Order, made: RefundSeen) -> Refund:
    known = order.refunds.filter(Q(stripe_id=made.id) | Q(id=made.refund_id)).first()
    return known or Refund(order=order, amount=made.amount, reason=RefundReason.MADE_AT_STRIPE)


def _reason(order: Order, asked: RefundReason) -> RefundReason:
    """Whoever asks again for the money of an order that gave nothing, asks for that reason."""
    return RefundReason.NOTHING_TO_GIVE if order.state == OrderState.RETURNING else asked


def _left(order: Order) -> int:
    """What can still go back; raises NotRefundable where that is nothing."""
    left = orders.count_left(order=order)
    if left == 0:
        raise NotRefundable
    return left
