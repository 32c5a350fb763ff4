"""Giving money back: by learners, by staff, by Stripe, by banks."""

from datetime import timedelta
from typing import Any

import pytest

from apps.certificates import api as certificates
from apps.enrollments import api as enrollments
from apps.enrollments.types import EnrollmentState, Source
from apps.notifications.models import Notification
from apps.notifications.types import Kind
from apps.payments.actions import fulfilment, refunds
from apps.payments.errors import StripeUnavailable
from apps.payments.events import DisputeLost, OrderRefunded, RefundFailed
from apps.payments.models import Order, Refund
from apps.payments.types import OrderState, RefundSeen
from apps.users.types import Person
from learninghub.audit.models import AuditEntry
from learninghub.clock import now
from tests.support.courses import make_course
from tests.support.enrollments import complete_course, enrol
from tests.support.facts import deliver_all, published
from tests.support.payments import PRICE, Shop, balances, documents_of, has_access, odd_sums, refunds_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
FEE = 99
DISPUTE_FEE = 1500


class TestALearner:
    def test_gets_all_back_and_loses_the_course(self, shop: Shop, buyer: Person, course: Any) -> None:
        order = shop.buy(buyer, course)
        answer = shop.refund(buyer, order)
        assert (answer.status, answer.json["state"], answer.json["amount"]) == (201, "requested", PRICE)
        shop.settle()
        order.refresh_from_db()
        assert (order.state, order.refunded_amount, has_access(buyer, course)) == (OrderState.REFUNDED, PRICE, False)
        assert refunds_of(order) == [("settled", PRICE, "withdrawal")]
        assert balances() == {"stripe": -FEE, "fees": FEE}
        assert [(fact.amount, fact.is_full, fact.reason) for fact in published(OrderRefunded)] == [
            (PRICE, True, "withdrawal")
        ]
        assert odd_sums() == []

    def test_who_had_completed_the_course_loses_the_certificate_too(
        self, shop: Shop, buyer: Person, course: Any
    ) -> None:
        order = shop.buy(buyer, course)
        known = enrollments.find_enrollment(user_id=buyer.id, course_id=course.id)
        assert known
        assert complete_course(known).state == EnrollmentState.COMPLETED
        deliver_all()
        issued = certificates.find_for_course(user_id=buyer.id, course_id=course.id)
        assert issued
        assert issued.revoked_at is None
        shop.refund(buyer, order)
        shop.settle()
        assert certificates.get_certificate(certificate_id=issued.id).revoked_at is not None
        assert odd_sums() == []

    def test_may_until_two_weeks_are_over(self, shop: Shop, buyer: Person, course: Any) -> None:
        order = shop.buy(buyer, course)
        Order.objects.update(paid_at=now() - timedelta(days=14))
        late = shop.refund(buyer, order)
        assert (late.status, late.json["code"], Refund.objects.count()) == (409, "refund_too_late", 0)
        Order.objects.update(paid_at=now() - timedelta(days=14) + timedelta(minutes=1))
        assert shop.refund(buyer, order).status == 201

    def test_gets_it_once(self, shop: Shop, buyer: Person, course: Any) -> None:
        order = shop.buy(buyer, course)
        first, again = shop.refund(buyer, order, key="mine"), shop.refund(buyer, order, key="mine")
        assert (again.body, again.headers["Idempotency-Replayed"]) == (first.body, "true")
        assert shop.refund(buyer, order).json["code"] == "not_refundable"
        shop.settle()
        assert shop.refund(buyer, order).json["code"] == "not_refundable"
        assert (Refund.objects.count(), len(shop.stripe.objects("refund"))) == (1, 1)

    def test_needs_a_key(self, shop: Shop, buyer: Person, course: Any) -> None:
        order = shop.buy(buyer, course)
        before = balances()
        answer = shop.as_user(buyer).post(f"payments/orders/{order.id}/refund/", {})
        assert (answer.status, answer.json["code"]) == (400, "idempotency_key_missing")
        shop.settle()
        order.refresh_from_db()
        assert (order.state, Refund.objects.count(), balances()) == (OrderState.PAID, 0, before)
        assert (has_access(buyer, course), shop.stripe.objects("refund")) == (True, [])

    def test_chooses_no_amount_and_touches_no_other_order(self, shop: Shop, buyer: Person, course: Any) -> None:
        order = shop.buy(buyer, course)
        for amount in (1, PRICE, PRICE + 1):
            refused = shop.refund(buyer, order, amount)
            assert (refused.status, refused.json["code"]) == (403, "only_in_full")
        for amount in (0, -PRICE, 2**31):
            assert shop.refund(buyer, order, amount).status == 400
        assert shop.refund(make_person(), order).status == 404
        assert shop.as_user(make_person()).get(f"payments/orders/{order.id}/").status == 404
        assert Refund.objects.count() == 0

    def test_gets_nothing_of_an_order_that_was_not_paid(self, shop: Shop, buyer: Person, course: Any) -> None:
        shop.check_out(buyer, course)
        answer = shop.refund(buyer, Order.objects.get())
        assert (answer.json["code"], Refund.objects.count()) == ("not_refundable", 0)


class TestStaff:
    def test_give_parts_back_and_the_learner_stays_until_the_last(
        self, shop: Shop, buyer: Person, course: Any, staff: Person
    ) -> None:
        order = shop.buy(buyer, course)
        Order.objects.update(paid_at=now() - timedelta(days=100))
        for amount in (1000, 333, 1000):
            assert shop.refund(staff, order, amount).status == 201
            shop.settle()
        order.refresh_from_db()
        assert (order.state, order.refunded_amount, has_access(buyer, course)) == (OrderState.PAID, 2333, True)
        assert odd_sums() == []
        too_much = shop.refund(staff, order, PRICE - 2332)
        assert (too_much.status, too_much.json["code"], too_much.json["left"]) == (
            409,
            "refund_too_large",
            PRICE - 2333,
        )
        assert shop.refund(staff, order).json["amount"] == PRICE - 2333
        shop.settle()
        order.refresh_from_db()
        assert (order.state, has_access(buyer, course)) == (OrderState.REFUNDED, False)
        assert balances() == {"stripe": -FEE, "fees": FEE}
        assert [fact.is_full for fact in published(OrderRefunded)] == [False, False, False, True]
        parts = [("credit_note", part) for part in (1000, 333, 1000, PRICE - 2333)]
        assert documents_of(order) == [("invoice", PRICE), *parts]
        assert AuditEntry.objects.filter(action="payments.refund", actor_id=staff.id).count() == 4
        assert odd_sums() == []

    def test_cannot_promise_the_same_money_twice(self, shop: Shop, buyer: Person, course: Any, staff: Person) -> None:
        order = shop.buy(buyer, course)
        assert shop.refund(staff, order, PRICE - 100).status == 201
        assert shop.refund(staff, order, 101).json["left"] == 100
        shop.settle()
        assert odd_sums() == []


class TestStripe:
    @pytest.mark.parametrize("fault", ["fail_before", "rate_limit", "lock_timeout", "cut_before", "cut_after"])
    def test_that_loses_an_answer_gives_the_money_back_once(
        self, shop: Shop, buyer: Person, course: Any, fault: str
    ) -> None:
        order = shop.buy(buyer, course)
        promised = refunds.give_back(order_id=order.id, amount=None, by=buyer.id, now=now())
        shop.stripe.fault(fault, path="/v1/refunds", method="POST")
        with pytest.raises(StripeUnavailable):
            refunds.carry_out(refund_id=promised.id, now=now())
        for _ in range(2):
            refunds.carry_out(refund_id=promised.id, now=now())
        shop.settle()
        assert (refunds_of(order), len(shop.stripe.objects("refund"))) == ([("settled", PRICE, "withdrawal")], 1)
        assert odd_sums() == []

    def test_whose_refund_was_made_by_hand_there_is_followed(self, shop: Shop, buyer: Person, course: Any) -> None:
        order = shop.buy(buyer, course)
        shop.refund_at_stripe(order, 900)
        shop.settle()
        assert refunds_of(order) == [("settled", 900, "made_at_stripe")]
        shop.refund_at_stripe(order, PRICE - 900)
        shop.settle()
        assert has_access(buyer, course) is False
        assert odd_sums() == []

    def test_that_has_nothing_left_fails_ours(self, shop: Shop, buyer: Person, course: Any, staff: Person) -> None:
        order = shop.buy(buyer, course)
        promised = refunds.refund(order_id=order.id, amount=1000, by=staff.id, now=now())
        shop.refund_at_stripe(order, PRICE)
        refunds.carry_out(refund_id=promised.id, now=now())
        shop.settle()
        assert refunds_of(order) == [("failed", 1000, "goodwill"), ("settled", PRICE, "made_at_stripe")]
        assert published(RefundFailed) == []  # all of it is back
        assert odd_sums() == []


class TestMoneyThatCouldNotBeSentBack:
    @pytest.fixture
    def returning(self, shop: Shop, buyer: Person) -> Order:
        """A full course, paid for too late; a little of the money went back by hand, so that ours was refused."""
        full = make_course(price_amount=PRICE, capacity=1)
        shop.pay(shop.check_out(buyer, full))
        Order.objects.update(state=OrderState.EXPIRED)
        enrollments.release_seat(user_id=buyer.id, course_id=full.id)
        enrol(make_person(), full, source=Source.PURCHASE)
        order = Order.objects.get()
        fulfilment.look_again(order_id=order.id, now=now())
        order.refresh_from_db()
        shop.refund_at_stripe(order, 100)
        shop.settle()
        order.refresh_from_db()
        assert (order.state, order.refunded_amount) == (OrderState.RETURNING, 100)
        assert refunds_of(order) == [("failed", PRICE, "nothing_to_give"), ("settled", 100, "made_at_stripe")]
        return order

    def test_is_told_and_staff_send_it_again(self, shop: Shop, returning: Order, staff: Person) -> None:
        assert [(fact.order_id, fact.amount, fact.currency) for fact in published(RefundFailed)] == [
            (returning.id, PRICE, "EUR")
        ]
        assert Notification.objects.filter(user_id=returning.user_id, kind=Kind.REFUND_FAILED).count() == 1
        answer = shop.refund(staff, returning)
        assert (answer.status, answer.json["amount"], answer.json["reason"]) == (201, PRICE - 100, "nothing_to_give")
        shop.settle()
        returning.refresh_from_db()
        assert (returning.state, returning.refunded_amount) == (OrderState.REFUNDED, PRICE)
        assert balances() == {"stripe": -FEE, "fees": FEE}
        assert (len(published(RefundFailed)), published(OrderRefunded)[-1].is_full) == (1, True)
        assert odd_sums() == []

    def test_by_a_bank_that_says_so_later_is_told_once_and_can_be_asked_for_again(
        self, shop: Shop, buyer: Person, course: Any
    ) -> None:
        order = shop.buy(buyer, course)
        promised = refunds.give_back(order_id=order.id, amount=None, by=buyer.id, now=now())
        sent_back = RefundSeen(
            id="re_1", refund_id=promised.id, amount=PRICE, created=now(), is_settled=False, failure="failed"
        )
        for _ in range(2):
            refunds.settle_one(order_id=order.id, made=sent_back, now=now())
        assert [(fact.refund_id, fact.amount) for fact in published(RefundFailed)] == [(promised.id, PRICE)]
        assert (refunds_of(order), has_access(buyer, course)) == ([("failed", PRICE, "withdrawal")], True)
        assert shop.refund(buyer, order).status == 201
        assert odd_sums() == []


class TestADispute:
    def test_bars_refunds_and_when_lost_takes_money_and_course(
        self, shop: Shop, buyer: Person, course: Any, staff: Person
    ) -> None:
        order = shop.buy(buyer, course)
        dispute = shop.stripe.dispute(order.payment_intent_id)
        shop.settle()
        assert (has_access(buyer, course), shop.refund(staff, order).json["code"]) == (True, "not_refundable")
        shop.stripe.close_dispute(dispute["id"], "lost")
        for _ in range(2):
            shop.tell(twice=True)
            deliver_all()
            fulfilment.look_again(order_id=order.id, now=now())
        order.refresh_from_db()
        assert (order.state, has_access(buyer, course)) == (OrderState.LOST, False)
        assert [(fact.order_id, fact.amount) for fact in published(DisputeLost)] == [(order.id, PRICE)]
        assert (balances()["disputes"], balances()["stripe"]) == (PRICE, -FEE - DISPUTE_FEE)
        assert odd_sums() == []

    def test_that_is_won_changes_nothing(self, shop: Shop, buyer: Person, course: Any) -> None:
        order = shop.buy(buyer, course)
        before = balances()
        shop.stripe.close_dispute(shop.stripe.dispute(order.payment_intent_id)["id"], "won")
        shop.settle()
        order.refresh_from_db()
        assert (order.state, has_access(buyer, course), balances()) == (OrderState.PAID, True, before)
        assert published(DisputeLost) == []
