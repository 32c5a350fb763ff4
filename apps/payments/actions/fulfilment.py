"""Bringing an order up to date with Stripe: read there outside any transaction, written here in one."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.courses.errors import CourseNotFound
from apps.enrollments import api as enrollments
from apps.enrollments.errors import AlreadyEnrolled, CourseNotOpen, SeatsExhausted
from apps.enrollments.types import Source, TakenBack
from apps.payments import rules
from apps.payments.actions import invoicing, ledger, refunds
from apps.payments.actions.orders import become, expire, lock_order
from apps.payments.clients import stripe
from apps.payments.errors import StripeDisagrees, StripeUnavailable
from apps.payments.events import DisputeLost, OrderPaid, PaymentFailed
from apps.payments.models import Order
from apps.payments.types import (
    ChargeSeen,
    DeclineSeen,
    DisputeSeen,
    EntryKind,
    OrderState,
    PaymentSeen,
    RefundReason,
)
from learninghub.jobs import enqueue
from learninghub.outbox import publish

FEE_TOLD_AFTER = timedelta(minutes=1)


def look_again(*, order_id: UUID, now: datetime) -> None:
    """Reads what Stripe has of the order and writes down what is new; harmless at any time, and many at once.

    Raises StripeUnavailable, StripeRefused, StripeDisagrees.
    """
    session_id = Order.objects.values_list("session_id", flat=True).filter(id=order_id).first()
    if session_id:
        bring_up_to_date(order_id=order_id, seen=stripe.look(session_id), now=now)


def look_while_pending(*, order_id: UUID, now: datetime) -> None:
    """As `look_again` for someone who waits for their order; where Stripe is away, they see what we know.

    However often they ask, Stripe is asked once in `rules.LOOK_EVERY`.
    """
    due = Q(looked_at=None) | Q(looked_at__lte=now - rules.LOOK_EVERY)
    if Order.objects.filter(due, id=order_id, state=OrderState.PENDING).update(looked_at=now):
        with suppress(StripeUnavailable):
            look_again(order_id=order_id, now=now)


@transaction.atomic
def bring_up_to_date(*, order_id: UUID, seen: PaymentSeen, now: datetime) -> None:
    """Makes the order what Stripe says it is, whatever was known before, under its row lock; harmless twice.

    What was seen may be old: nothing that has happened is taken back by it. Raises StripeDisagrees.
    """
    order = lock_order(order_id=order_id)
    _demand_ours(order, seen)
    if seen.charge:
        fulfil(order, seen.charge, now=now)
        _enter_fee(order, seen.charge)
    elif order.state == OrderState.PENDING:
        if seen.decline:
            _tell_of_decline(order, seen.decline)
        if seen.session.is_expired:
            expire(order)
    for made in seen.refunds:
        refunds.settle(order, made)
    if seen.dispute:
        _dispute(order, seen.dispute)
    invoicing.issue_due(order=order, now=now)


def fulfil(order: Order, charge: ChargeSeen, *, now: datetime) -> None:
    """Gives the learner what they paid for, in the caller's transaction and under the order's lock; harmless twice.

    Where it cannot be given any more (another order did, the seat is gone, the course is closed), all of the money goes
    back by itself (decision 0077).
    """
    if order.paid_at is not None:
        return
    order.paid_at, order.payment_intent_id, order.charge_id = charge.created, charge.payment_intent_id, charge.id
    can_be_given = _give_way(order) and _enrol(order, now=now)
    state = OrderState.PAID if can_be_given else OrderState.RETURNING
    become(order, state, "paid_at", "payment_intent_id", "charge_id")
    moves = rules.sale(order.amount, tax=order.tax_amount)
    ledger.enter(order, EntryKind.SALE, moves, source=charge.id, happened_at=charge.created, currency=order.currency)
    if can_be_given:
        publish(
            OrderPaid(
                order_id=order.id,
                user_id=order.user_id,
                course_id=order.course_id,
                amount=order.amount,
                currency=order.currency,
            )
        )
    else:
        enrollments.release_seat(user_id=order.user_id, course_id=order.course_id)
        refunds.promise(order, amount=order.amount, reason=RefundReason.NOTHING_TO_GIVE, by=None, now=now)


def _demand_ours(order: Order, seen: PaymentSeen) -> None:
    """What was paid must be what was asked for; else nothing is given for it, and a person has to look."""
    told = (seen.session.id, seen.session.order_id, seen.session.amount, seen.session.currency)
    known = (order.session_id, order.id, order.amount, order.currency)
    charged = (seen.charge.amount, seen.charge.currency) if seen.charge else known[2:]
    if told != known or charged != known[2:]:
        raise StripeDisagrees(f"order {order.id}: {told} and {charged} at Stripe, {known} here")


def _give_way(order: Order) -> bool:
    """Whether no other order of the learner is paid for the course; one that still waits for its money is closed."""
    rivals = Order.objects.live().of(order.user_id).filter(course_id=order.course_id).exclude(id=order.id)
    rival = rivals.select_for_update(no_key=True).first()
    if rival is None:
        return True
    if rival.state == OrderState.PAID:
        return False
    become(rival, OrderState.EXPIRED)  # quietly, and its seat stays held: the learner has the course
    enqueue("payments.close_checkout", rival.id)
    return True


def _enrol(order: Order, *, now: datetime) -> bool:
    about = {"user_id": order.user_id, "course_id": order.course_id}
    try:
        with transaction.atomic():
            enrollments.admit(**about, source=Source.PURCHASE, now=now)
    except (AlreadyEnrolled, SeatsExhausted, CourseNotOpen, CourseNotFound):
        return False
    return True


def _enter_fee(order: Order, charge: ChargeSeen) -> None:
    if charge.fee is None:
        enqueue("payments.look_again", order.id, delay=FEE_TOLD_AFTER)
    else:
        moves = rules.fee(charge.fee)
        ledger.enter(
            order, EntryKind.FEE, moves, source=charge.id, happened_at=charge.created, currency=charge.fee_currency
        )


def _tell_of_decline(order: Order, decline: DeclineSeen) -> None:
    if order.decline_id == decline.id:
        return
    order.decline_id = decline.id
    order.save(update_fields=["decline_id", "updated_at"])
    publish(
        PaymentFailed(order_id=order.id, user_id=order.user_id, course_id=order.course_id, decline_code=decline.code)
    )


def _dispute(order: Order, dispute: DisputeSeen) -> None:
    """Remembers that there is a dispute, which bars refunds; one that is lost takes money and access."""
    if order.dispute_id != dispute.id:
        order.dispute_id = dispute.id
        order.save(update_fields=["dispute_id", "updated_at"])
    had_access = order.state == OrderState.PAID
    if not dispute.is_lost or not rules.may_follow(OrderState(order.state), OrderState.LOST):
        return
    become(order, OrderState.LOST)
    moves = rules.dispute(dispute.amount, fee=dispute.fee)
    ledger.enter(
        order,
        EntryKind.DISPUTE,
        moves,
        source=dispute.id,
        happened_at=dispute.closed_at,
        currency=order.currency,
    )
    if had_access:
        enrollments.take_back(user_id=order.user_id, course_id=order.course_id, reason=TakenBack.DISPUTE)
    publish(
        DisputeLost(
            order_id=order.id,
            user_id=order.user_id,
            course_id=order.course_id,
            amount=dispute.amount,
            currency=order.currency,
        )
    )
