"""Checking out: two atomic halves around the call to Stripe, and what heals a crash between them."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from apps.courses import api as courses
from apps.courses.types import CourseCard
from apps.enrollments import api as enrollments
from apps.enrollments.types import Source
from apps.payments import rules
from apps.payments.clients import stripe
from apps.payments.errors import CheckoutInProgress, NotSold, StripeRefused, StripeUnavailable
from apps.payments.models import Order
from apps.payments.types import Checkout, OrderState, SessionSeen
from learninghub.jobs import enqueue
from learninghub.outbox.crash import crashpoint

HEAL_AFTER = timedelta(seconds=30)  # longer than a call to Stripe may take


def check_out(*, user_id: UUID, course_id: UUID, now: datetime) -> Checkout:
    """Opens a checkout for the course, or gives the one that is open; what is free or paid for is enrolled at once.

    Raises CheckoutInProgress, NotSold, StripeUnavailable (nothing is held then), and what `enrollments.hold_seat` and
    `enrollments.enrol` raise: AlreadyEnrolled, SeatsExhausted, CourseNotOpen, CourseNotFound.
    """
    begun = begin(user_id=user_id, course_id=course_id, now=now)
    if isinstance(begun, Checkout):
        return begun
    crashpoint("checkout.before_call")
    try:
        session = _open(begun)
    except StripeUnavailable:
        give_up(order_id=begun.id)
        raise
    except StripeRefused as error:
        give_up(order_id=begun.id)
        raise NotSold from error
    crashpoint("checkout.after_call")
    return record(order_id=begun.id, session=session)


@transaction.atomic
def begin(*, user_id: UUID, course_id: UUID, now: datetime) -> Order | Checkout:
    """Claims the one live order of learner and course and a seat; the checkout itself where there is nothing to open.

    The order is written first: its constraint makes a second click wait for the first one, and then see it.
    """
    card = courses.get_card(course_id=course_id)
    known = _find_live(user_id, course_id)
    if known is None and card.price_amount == 0:
        return _enrolled(card, user_id=user_id, source=Source.FREE, now=now)
    if known is None:
        try:
            with transaction.atomic():
                order = _new(card, user_id=user_id, now=now)
        except IntegrityError:
            known = _find_live(user_id, course_id)
        else:
            until = order.expires_at + rules.HELD_BEYOND
            enrollments.hold_seat(user_id=user_id, course_id=course_id, until=until, now=now)
            enqueue("payments.heal_checkout", order.id, delay=HEAL_AFTER)
            return order
    if known and known.state == OrderState.PAID:  # and left the course since
        return _enrolled(card, user_id=user_id, source=Source.PURCHASE, now=now)
    if known is None or not known.checkout_url or known.expires_at <= now:
        raise CheckoutInProgress
    return _shown(known)


@transaction.atomic
def record(*, order_id: UUID, session: SessionSeen) -> Checkout:
    """Writes down where the order is paid; raises StripeUnavailable where it was given up meanwhile."""
    order = _lock_unopened(order_id)
    if order is None:
        raise StripeUnavailable
    order.session_id, order.checkout_url = session.id, session.url
    order.save(update_fields=["session_id", "checkout_url", "updated_at"])
    return _shown(order)


@transaction.atomic
def give_up(*, order_id: UUID) -> None:
    """Takes back an order whose checkout could not be opened, and its seat; without effect where it was."""
    order = _lock_unopened(order_id)
    if order is not None:
        enrollments.release_seat(user_id=order.user_id, course_id=order.course_id)
        order.delete()


def heal(*, order_id: UUID) -> None:
    """Finishes what a process that died left half done; Stripe gives the same checkout for the same order.

    Raises StripeUnavailable.
    """
    order = Order.objects.filter(id=order_id, state=OrderState.PENDING, session_id="").first()
    if order is None:
        return
    try:
        record(order_id=order_id, session=_open(order))
    except StripeRefused:  # it is too late for that
        give_up(order_id=order_id)


def close(*, order_id: UUID) -> None:
    """Closes the checkout of an order that is over, so that nobody pays there. Raises StripeUnavailable."""
    session_id = Order.objects.values_list("session_id", flat=True).get(id=order_id)
    if session_id:
        with suppress(StripeRefused):  # it is closed, or paid: then we shall hear of it
            stripe.close_checkout(session_id)


def _find_live(user_id: UUID, course_id: UUID) -> Order | None:
    return Order.objects.live().of(user_id).filter(course_id=course_id).first()


def _lock_unopened(order_id: UUID) -> Order | None:
    unopened = Order.objects.filter(id=order_id, state=OrderState.PENDING, session_id="")
    return unopened.select_for_update(no_key=True).first()


def _new(card: CourseCard, *, user_id: UUID, now: datetime) -> Order:
    if card.currency in rules.COUNTED_OTHERWISE:
        raise NotSold
    return Order.objects.create(
        user_id=user_id,
        course_id=card.id,
        course_title=card.title,
        seller=settings.SELLER,
        amount=card.price_amount,
        currency=card.currency,
        tax_rate=settings.SELLER_TAX_RATE,
        tax_amount=rules.tax_within(card.price_amount, rate=settings.SELLER_TAX_RATE),
        expires_at=now + rules.OPEN_FOR,
        created_at=now,
    )


def _enrolled(card: CourseCard, *, user_id: UUID, source: Source, now: datetime) -> Checkout:
    enrollment = enrollments.admit(user_id=user_id, course_id=card.id, source=source, now=now)
    return Checkout(amount=0, currency=card.currency, enrollment_id=enrollment.id)


def _open(order: Order) -> SessionSeen:
    """Says nothing that may change: the same words must belong to the same order."""
    page = f"{settings.SITE_URL}/after-checkout/{order.id}/"
    return stripe.open_checkout(
        order_id=order.id,
        title=order.course_title,
        amount=order.amount,
        currency=order.currency,
        expires_at=order.expires_at,
        paid_url=page,
        left_url=f"{page}?left=yes",
    )


def _shown(order: Order) -> Checkout:
    return Checkout(
        order_id=order.id,
        url=order.checkout_url,
        amount=order.amount,
        currency=order.currency,
        expires_at=order.expires_at,
    )
