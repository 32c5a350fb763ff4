"""Buying, learning, giving back, losing disputes, against a small model: one seat, and two who want it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.certificates import clients as certificates
from apps.enrollments import api as enrollments
from apps.enrollments.errors import AlreadyEnrolled, SeatsExhausted
from apps.payments.actions import checkout, reconciling, refunds
from apps.payments.errors import NotRefundable, RefundTooLarge
from apps.payments.models import Order
from apps.payments.types import OrderState
from config.invariants import bills, sales
from config.invariants.checking import check
from learninghub.clock import now
from tests.support.courses import make_course
from tests.support.enrollments import complete_course
from tests.support.machines import RolledBackMachine
from tests.support.payments import ASKS_HOLDER, DECLINED, PRICE, Shop, balances, has_access, odd_sums
from tests.support.people import make_person
from tests.support.search import few

WHO = st.integers(min_value=0, max_value=1)
CARDS = st.sampled_from(["4242424242424242", ASKS_HOLDER])
MONEY = (*sales.INVARIANTS, *bills.INVARIANTS)
TOO_LONG = timedelta(minutes=32)


@dataclass
class Learner:
    """What the model knows: an open checkout, money that Stripe has and we have not heard of, the course and its price.

    `parts` is what went back of what was paid for the course, `is_disputed` bars more of it.
    """

    is_open: bool = False
    has_paid: bool = False
    has_course: bool = False
    has_completed: bool = False
    parts: int = 0
    is_disputed: bool = False

    def hear(self) -> int:
        """Stripe tells; says how much was sold by that."""
        if not (self.is_open and self.has_paid):
            return 0
        self.is_open, self.has_paid, self.has_course = False, False, True
        return PRICE

    def lose(self) -> int:
        """The course is gone; says how much of its price had not gone back before."""
        left = PRICE - self.parts
        self.has_course, self.has_completed, self.parts, self.is_disputed = False, False, 0, False
        return left


class Buying(RolledBackMachine):
    shop: Shop

    def __init__(self) -> None:
        super().__init__()
        self.shop.stripe.reset()
        self.shop.told.clear()
        self.late = timedelta()
        self.sold = self.refunded = self.lost = 0
        self.course = make_course(price_amount=PRICE, capacity=1, lessons=1)
        self.people = [make_person() for _ in range(2)]
        self.staff = make_person(roles={"staff"})
        self.learners = [Learner() for _ in range(2)]

    def teardown(self) -> None:
        try:
            assert [one for one in check(MONEY) if one.breaches] == []
        finally:
            super().teardown()

    @property
    def now(self) -> datetime:
        return now() + self.late

    def order(self, who: int, state: OrderState) -> Order:
        return Order.objects.get(user_id=self.people[who].id, state=state)

    @initialize()
    def begin(self) -> None:
        self.check_out(0)

    @rule(who=WHO)
    def check_out(self, who: int) -> None:
        learner, other = self.learners[who], self.learners[1 - who]
        wanted = {"user_id": self.people[who].id, "course_id": self.course.id, "now": self.now}
        if learner.has_course:
            with pytest.raises(AlreadyEnrolled):
                checkout.check_out(**wanted)
        elif not learner.is_open and (other.is_open or other.has_course):
            with pytest.raises(SeatsExhausted):
                checkout.check_out(**wanted)
        else:
            assert checkout.check_out(**wanted).amount == PRICE
            learner.is_open = True

    @rule(who=WHO, card=CARDS)
    @precondition(lambda self: any(one.is_open and not one.has_paid for one in self.learners))
    def pay(self, who: int, card: str) -> None:
        if self.learners[who].is_open and not self.learners[who].has_paid:
            self.shop.stripe.pay(self.order(who, OrderState.PENDING).checkout_url, card=card)
            self.learners[who].has_paid = True

    @rule(who=WHO, card=st.sampled_from([DECLINED, ASKS_HOLDER]))
    @precondition(lambda self: any(one.is_open and not one.has_paid for one in self.learners))
    def fail_to_pay(self, who: int, card: str) -> None:
        if self.learners[who].is_open and not self.learners[who].has_paid:
            url = self.order(who, OrderState.PENDING).checkout_url
            self.shop.stripe.pay(url, card=card, authenticate=False)

    @rule()
    def stripe_tells(self) -> None:
        self.shop.settle()
        self.sold += sum(learner.hear() for learner in self.learners)

    @rule(newest_first=st.booleans())
    def stripe_tells_all_again(self, newest_first: bool) -> None:
        self.shop.tell(twice=True, newest_first=newest_first)
        self.stripe_tells()

    @rule()
    def time_passes(self) -> None:
        self.late += TOO_LONG
        self.shop.stripe.advance(TOO_LONG.total_seconds())
        reconciling.close_due(now=self.now)
        for learner in self.learners:
            self.sold += learner.hear()
            learner.is_open = False

    @rule(who=WHO)
    @precondition(lambda self: any(one.has_course for one in self.learners))
    def complete(self, who: int) -> None:
        learner = self.learners[who]
        if learner.has_course and not learner.has_completed:
            known = enrollments.find_enrollment(user_id=self.people[who].id, course_id=self.course.id)
            assert known
            complete_course(known)
            learner.has_completed = True

    @rule(who=WHO)
    @precondition(lambda self: any(one.has_course for one in self.learners))
    def give_back(self, who: int) -> None:
        learner = self.learners[who]
        if learner.has_course:
            order = self.order(who, OrderState.PAID)
            if learner.is_disputed:
                with pytest.raises(NotRefundable):
                    refunds.give_back(order_id=order.id, amount=None, by=self.people[who].id, now=self.now)
                return
            refunds.give_back(order_id=order.id, amount=None, by=self.people[who].id, now=self.now)
            self.stripe_tells()
            self.refunded += learner.lose()

    @rule(who=WHO, amount=st.sampled_from([1, 1000, PRICE - 1, PRICE]))
    @precondition(lambda self: any(one.has_course for one in self.learners))
    def staff_give_a_part_back(self, who: int, amount: int) -> None:
        learner = self.learners[who]
        if not learner.has_course:
            return
        asked: dict[str, Any] = {"order_id": self.order(who, OrderState.PAID).id, "amount": amount, "by": self.staff.id}
        if learner.is_disputed or learner.parts + amount > PRICE:
            with pytest.raises(NotRefundable if learner.is_disputed else RefundTooLarge):
                refunds.refund(**asked, now=self.now)
            return
        refunds.refund(**asked, now=self.now)
        self.stripe_tells()
        self.refunded += amount
        learner.parts += amount
        if learner.parts == PRICE:
            learner.lose()

    @rule(who=WHO, end=st.sampled_from(["", "lost", "won"]))
    @precondition(lambda self: any(one.has_course and not one.is_disputed for one in self.learners))
    def a_bank_disputes(self, who: int, end: str) -> None:
        learner = self.learners[who]
        if learner.has_course and not learner.is_disputed:
            opened = self.shop.stripe.dispute(self.order(who, OrderState.PAID).payment_intent_id)
            learner.is_disputed = True
            if end:
                self.shop.stripe.close_dispute(opened["id"], end)
            self.stripe_tells()
            self.lost += learner.lose() if end == "lost" else 0

    @invariant()
    def who_has_paid_has_the_course_and_nobody_else(self) -> None:
        assert [has_access(person, self.course) for person in self.people] == [
            learner.has_course for learner in self.learners
        ]
        assert odd_sums() == []

    @invariant()
    def the_books_hold_what_was_sold_and_given_back(self) -> None:
        held = balances()
        assert -held.get("revenue", 0) - held.get("tax", 0) == self.sold - self.refunded
        assert held.get("disputes", 0) == self.lost


@pytest.mark.hypothesis
@pytest.mark.django_db
def test_buying_goes_as_the_model_says(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "draw", lambda certificate: b"%PDF-1.7")  # half a second each
    Buying.shop = shop
    run_state_machine_as_test(Buying, settings=few(12, steps=18))
