"""Something of everything that can become of an order, for the checker to find right."""

from collections.abc import Callable
from datetime import timedelta

from apps.enrollments import api as enrollments
from apps.payments.actions import checkout, refunds, webhooks
from apps.payments.models import DayTotal, Order, StripeEvent
from apps.payments.types import EventSeen, EventState, OrderState, RefundSeen
from learninghub.clock import now
from tests.support.courses import make_course
from tests.support.enrollments import complete_course
from tests.support.payments import make_order
from tests.support.people import make_person


def sell(deliver_all: Callable[[], int]) -> None:
    """A course sold, one sold, completed and given back, one still being paid for; events."""
    course = make_course(price_amount=4900, lessons=1)
    make_order(make_person(), course)
    checkout.begin(user_id=make_person().id, course_id=course.id, now=now())
    Order.objects.filter(state=OrderState.PENDING).update(session_id="cs_open")  # nothing of it is to be healed
    _complete_and_give_back(make_order(make_person(), course), deliver_all)
    told = EventSeen(id="evt_1", type="a.kind", created=now(), object_id="x", order_id=None, payment_intent_id="")
    webhooks.keep(told, now=now())
    StripeEvent.objects.update(state=EventState.DONE, done_at=now())
    figures = {"sold": 4900, "sold_at_stripe": 4900, "refunded": 0, "refunded_at_stripe": 0}
    DayTotal.objects.create(day=now().date() - timedelta(days=1), currency="EUR", compared_at=now(), **figures)


def _complete_and_give_back(order: Order, deliver_all: Callable[[], int]) -> None:
    known = enrollments.find_enrollment(user_id=order.user_id, course_id=order.course_id)
    assert known
    complete_course(known)
    deliver_all()
    made = RefundSeen(id="re_all", refund_id=None, amount=order.amount, created=now(), is_settled=True, failure="")
    refunds.settle_one(order_id=order.id, made=made, now=now())
    deliver_all()
