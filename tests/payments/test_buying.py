"""Checkout, payment, access: the way of one order, and what is told of it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.enrollments.models import TrackedCourse
from apps.enrollments.types import Source
from apps.payments import rules
from apps.payments.actions import checkout, fulfilment, reconciling
from apps.payments.clients import stripe
from apps.payments.errors import StripeDisagrees
from apps.payments.events import OrderExpired, OrderPaid, OrderRefunded, PaymentFailed
from apps.payments.models import Order, StripeEvent
from apps.payments.types import OrderState
from apps.users.types import Person
from learninghub.clock import now
from tests.support.courses import make_course
from tests.support.enrollments import enrol
from tests.support.facts import deliver_all, published
from tests.support.payments import (
    ASKS_HOLDER,
    DECLINED,
    PRICE,
    Shop,
    balances,
    documents_of,
    has_access,
    odd_sums,
    refunds_of,
)
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
TAX = 782  # 19 % within 49.00
FEE = 99  # as the sandbox takes it


def held(course: Any) -> tuple[int, int]:
    tracked = TrackedCourse.objects.get(pk=course.id)
    return tracked.taken, tracked.held


class TestACheckout:
    def test_opens_an_order_at_the_servers_price_and_holds_a_seat(self, shop: Shop, buyer: Person, course: Any) -> None:
        opened = shop.check_out(buyer, course)
        order = Order.objects.get()
        assert opened.status == 201
        assert opened.json == {
            "order_id": str(order.id),
            "url": order.checkout_url,
            "amount": PRICE,
            "currency": "EUR",
            "expires_at": opened.json["expires_at"],
            "enrollment_id": None,
        }
        assert (order.state, order.tax_amount, order.course_title) == (OrderState.PENDING, TAX, course.title)
        (session,) = shop.stripe.objects("checkout.session")
        assert (session["amount_total"], session["currency"]) == (PRICE, "eur")
        assert session["client_reference_id"] == str(order.id)
        assert held(course) == (0, 1)
        assert odd_sums() == []

    def test_takes_no_price_from_outside(self, shop: Shop, buyer: Person, course: Any) -> None:
        for more in ({"amount": 1}, {"price_amount": -4900, "currency": "IRR"}, {"amount": "0", "user_id": "x"}):
            opened = shop.check_out(buyer, course, **more)
            assert (opened.json["amount"], opened.json["currency"]) == (PRICE, "EUR")
        assert {order.amount for order in Order.objects.all()} == {PRICE}
        assert {session["amount_total"] for session in shop.stripe.objects("checkout.session")} == {PRICE}

    def test_asked_for_twice_is_one(self, shop: Shop, buyer: Person, course: Any) -> None:
        first, second = shop.check_out(buyer, course), shop.check_out(buyer, course)
        assert first.json == second.json
        assert (Order.objects.count(), len(shop.stripe.objects("checkout.session"))) == (1, 1)

    def test_needs_a_key_and_keeps_its_answer(self, shop: Shop, buyer: Person, course: Any) -> None:
        answer = shop.as_user(buyer).post("payments/checkout/", {"course_id": str(course.id)})
        assert (answer.status, answer.json["code"], Order.objects.count()) == (400, "idempotency_key_missing", 0)
        first = shop.check_out(buyer, course, key="mine")
        again = shop.check_out(buyer, course, key="mine")
        assert (again.body, again.headers["Idempotency-Replayed"]) == (first.body, "true")
        other = shop.check_out(buyer, make_course(price_amount=900), key="mine")
        assert (other.status, Order.objects.count()) == (422, 1)

    def test_of_what_costs_nothing_enrols_at_once(self, shop: Shop, buyer: Person) -> None:
        free = make_course()
        opened = shop.check_out(buyer, free)
        enrolled = enrollments.find_enrollment(user_id=buyer.id, course_id=free.id)
        assert enrolled
        assert (opened.status, opened.json["enrollment_id"], opened.json["url"]) == (201, str(enrolled.id), None)
        assert (enrolled.source, Order.objects.count(), shop.stripe.calls("POST", "*")) == (Source.FREE, 0, 0)

    def test_is_refused_where_it_makes_no_sense_and_nothing_happens(self, shop: Shop, buyer: Person) -> None:
        owned, full, draft = (
            make_course(price_amount=PRICE),
            make_course(price_amount=PRICE, capacity=1),
            make_course(price_amount=PRICE, published=False),
        )
        enrol(buyer, owned, source=Source.GRANT)
        enrol(make_person(), full, source=Source.PURCHASE)
        answers = [shop.check_out(buyer, one) for one in (owned, full, draft, make_course(price_amount=1))]
        assert [(answer.status, answer.json["code"]) for answer in answers] == [
            (409, "already_enrolled"),
            (409, "seats_exhausted"),
            (404, "course_not_found"),
            (409, "not_sold"),
        ]
        assert Order.objects.count() == 0
        assert odd_sums() == []

    @pytest.mark.parametrize("fault", ["fail_before", "fail_after", "rate_limit", "cut_before", "cut_after"])
    def test_without_stripe_creates_and_holds_nothing(self, shop: Shop, buyer: Person, course: Any, fault: str) -> None:
        shop.stripe.fault(fault, path="/v1/checkout/sessions")
        refused = shop.check_out(buyer, course)
        assert (refused.status, refused.json["code"]) == (503, "stripe_unavailable")
        assert int(refused.headers["Retry-After"]) > 0
        assert (Order.objects.count(), held(course)) == (0, (0, 0))
        deliver_all()
        assert Order.objects.count() == 0
        shop.buy(buyer, course)
        assert odd_sums() == []

    def test_that_died_before_it_was_written_down_is_healed(self, shop: Shop, buyer: Person, course: Any) -> None:
        begun = checkout.begin(user_id=buyer.id, course_id=course.id, now=now())
        assert isinstance(begun, Order)
        checkout._open(begun)  # and then the process dies
        refused = shop.check_out(buyer, course)
        assert (refused.status, refused.json["code"]) == (409, "checkout_in_progress")
        checkout.heal(order_id=begun.id)
        assert shop.check_out(buyer, course).json["order_id"] == str(begun.id)
        assert len(shop.stripe.objects("checkout.session")) == 1


class TestAPayment:
    def test_gives_access_and_enters_the_books(self, shop: Shop, buyer: Person, course: Any) -> None:
        order = shop.buy(buyer, course)
        assert has_access(buyer, course)
        assert [(fact.order_id, fact.amount, fact.currency) for fact in published(OrderPaid)] == [
            (order.id, PRICE, "EUR")
        ]
        assert balances() == {"stripe": PRICE - FEE, "revenue": TAX - PRICE, "tax": -TAX, "fees": FEE}
        assert held(course) == (1, 0)
        assert documents_of(order) == [("invoice", PRICE)]
        assert odd_sums() == []
        assert not StripeEvent.objects.exclude(state="done").exists()

    def test_told_backwards_and_twice_is_one(self, shop: Shop, buyer: Person, course: Any) -> None:
        shop.pay(shop.check_out(buyer, course))
        assert set(shop.tell(newest_first=True)) == {200}
        deliver_all()
        assert set(shop.tell(twice=True)) == {200}
        deliver_all()
        assert (len(published(OrderPaid)), has_access(buyer, course)) == (1, True)
        assert balances()["stripe"] == PRICE - FEE
        assert odd_sums() == []

    def test_is_seen_when_the_buyer_comes_back_before_stripe_tells(
        self, shop: Shop, buyer: Person, course: Any
    ) -> None:
        opened = shop.check_out(buyer, course)
        path = f"payments/orders/{opened.json['order_id']}/"
        assert shop.as_user(buyer).get(path).json["state"] == "pending"
        shop.pay(opened)
        with time_machine.travel(now() + rules.LOOK_EVERY, tick=True):
            seen = shop.as_user(buyer).get(path).json
        assert (seen["state"], seen["url"], has_access(buyer, course)) == ("paid", None, True)
        shop.settle()
        assert len(published(OrderPaid)) == 1

    def test_that_no_webhook_told_of_is_found_by_the_reconciler(self, shop: Shop, buyer: Person, course: Any) -> None:
        shop.pay(shop.check_out(buyer, course))
        assert reconciling.hear_what_was_missed(now=now()) == 4
        deliver_all()
        assert has_access(buyer, course)
        assert reconciling.hear_what_was_missed(now=now()) == 0

    def test_declined_is_told_once_and_can_be_tried_again(self, shop: Shop, buyer: Person, course: Any) -> None:
        opened = shop.check_out(buyer, course)
        shop.stripe.pay(opened.json["url"], card=DECLINED)
        shop.settle()
        assert [fact.decline_code for fact in published(PaymentFailed)] == ["generic_decline"]
        assert (Order.objects.get().state, has_access(buyer, course)) == (OrderState.PENDING, False)
        shop.pay(opened)
        shop.settle()
        assert (len(published(PaymentFailed)), has_access(buyer, course)) == (1, True)
        assert odd_sums() == []

    def test_whose_holder_is_not_proven_is_told_once_for_each_try(self, shop: Shop, buyer: Person, course: Any) -> None:
        opened = shop.check_out(buyer, course)
        for tries in (1, 2):
            shop.stripe.pay(opened.json["url"], card=ASKS_HOLDER, authenticate=False)
            for _ in range(2):
                shop.tell(twice=True)
                shop.settle()
            said = [fact.decline_code for fact in published(PaymentFailed)]
            assert said == ["payment_intent_authentication_failure"] * tries
        assert (Order.objects.get().state, shop.stripe.objects("charge")) == (OrderState.PENDING, [])
        shop.pay(opened, card=ASKS_HOLDER)
        shop.settle()
        assert (Order.objects.get().state, has_access(buyer, course)) == (OrderState.PAID, True)
        assert (len(published(PaymentFailed)), len(published(OrderPaid))) == (2, 1)
        assert odd_sums() == []

    def test_whose_holder_is_not_proven_after_a_decline_is_told_too(
        self, shop: Shop, buyer: Person, course: Any
    ) -> None:
        opened = shop.check_out(buyer, course)
        for card in (DECLINED, ASKS_HOLDER, DECLINED):
            shop.stripe.pay(opened.json["url"], card=card, authenticate=False)
            shop.settle()
        assert [fact.decline_code for fact in published(PaymentFailed)] == [
            "generic_decline",
            "payment_intent_authentication_failure",
            "generic_decline",
        ]

    @pytest.mark.parametrize("apart", [{"amount": PRICE + 1}, {"currency": "USD"}], ids=["price", "currency"])
    def test_that_is_not_what_was_asked_for_gives_nothing(
        self, shop: Shop, buyer: Person, course: Any, apart: dict[str, Any]
    ) -> None:
        opened = shop.check_out(buyer, course)
        shop.pay(opened)
        Order.objects.update(**apart)  # as if the two had come apart
        with pytest.raises(StripeDisagrees):
            fulfilment.look_again(order_id=opened.json["order_id"], now=now())
        assert (has_access(buyer, course), balances(), Order.objects.get().state) == (False, {}, OrderState.PENDING)

    def test_of_another_order_gives_nothing(self, shop: Shop, buyer: Person, course: Any) -> None:
        other = make_person()
        shop.check_out(buyer, course)
        shop.pay(shop.check_out(other, course))
        mine, paid = Order.objects.get(user_id=buyer.id), Order.objects.get(user_id=other.id)
        seen = stripe.look(paid.session_id)
        Order.objects.filter(id=paid.id).delete()
        for named in ({}, {"session_id": paid.session_id}):  # even if its session stood in mine
            Order.objects.filter(id=mine.id).update(**named)
            with pytest.raises(StripeDisagrees):
                fulfilment.bring_up_to_date(order_id=mine.id, seen=seen, now=now())
        assert (has_access(buyer, course), balances(), Order.objects.get().state) == (False, {}, OrderState.PENDING)


class TestAnOrderThatExpires:
    def expire(self, shop: Shop) -> None:
        shop.stripe.advance(32 * 60)
        reconciling.close_due(now=now() + timedelta(minutes=32))

    def test_lets_its_seat_go_and_is_told_once(self, shop: Shop, buyer: Person, course: Any) -> None:
        shop.check_out(buyer, course)
        reconciling.close_due(now=now())
        assert Order.objects.get().state == OrderState.PENDING
        for _ in range(2):
            self.expire(shop)
        shop.settle()
        assert (Order.objects.get().state, held(course)) == (OrderState.EXPIRED, (0, 0))
        assert len(published(OrderExpired)) == 1
        assert odd_sums() == []

    def test_and_was_paid_all_the_same_gives_the_seat_where_there_is_one(
        self, shop: Shop, buyer: Person, course: Any
    ) -> None:
        shop.pay(shop.check_out(buyer, course))
        Order.objects.update(state=OrderState.EXPIRED)
        enrollments.release_seat(user_id=buyer.id, course_id=course.id)
        shop.settle()
        assert (Order.objects.get().state, has_access(buyer, course)) == (OrderState.PAID, True)
        assert odd_sums() == []

    def test_and_was_paid_when_the_seat_is_gone_is_paid_back_by_itself(self, shop: Shop, buyer: Person) -> None:
        course = make_course(price_amount=PRICE, capacity=1)
        shop.pay(shop.check_out(buyer, course))
        Order.objects.update(state=OrderState.EXPIRED)
        enrollments.release_seat(user_id=buyer.id, course_id=course.id)
        enrol(make_person(), course, source=Source.PURCHASE)
        shop.settle()
        order = Order.objects.get()
        assert (order.state, has_access(buyer, course)) == (OrderState.REFUNDED, False)
        assert refunds_of(order) == [("settled", PRICE, "nothing_to_give")]
        assert documents_of(order) == [("invoice", PRICE), ("credit_note", PRICE)]
        assert balances() == {"stripe": -FEE, "fees": FEE}
        assert published(OrderPaid) == []
        assert [(fact.is_full, fact.reason) for fact in published(OrderRefunded)] == [(True, "nothing_to_give")]

    def test_and_was_paid_beside_a_second_order_closes_that(self, shop: Shop, buyer: Person, course: Any) -> None:
        first = shop.check_out(buyer, course)
        shop.pay(first)
        Order.objects.update(state=OrderState.EXPIRED)
        second = shop.check_out(buyer, course)
        shop.settle()
        states = dict(Order.objects.values_list("id", "state"))
        assert {str(order): state for order, state in states.items()} == {
            first.json["order_id"]: "paid",
            second.json["order_id"]: "expired",
        }
        assert [session["status"] for session in shop.stripe.objects("checkout.session")] == ["complete", "expired"]
        assert odd_sums() == []

    def test_and_both_were_paid_pays_one_back(self, shop: Shop, buyer: Person, course: Any) -> None:
        shop.pay(shop.check_out(buyer, course))
        Order.objects.update(state=OrderState.EXPIRED)
        shop.pay(shop.check_out(buyer, course))
        shop.settle()
        assert sorted(Order.objects.values_list("state", flat=True)) == ["paid", "refunded"]
        assert has_access(buyer, course)
        assert odd_sums() == []

    def test_of_a_course_that_is_closed_by_then_is_paid_back(self, shop: Shop, buyer: Person, course: Any) -> None:
        shop.pay(shop.check_out(buyer, course))
        courses.archive_course(course_id=course.id, by=course.author_id, now=now())
        shop.settle()
        assert (Order.objects.get().state, has_access(buyer, course)) == (OrderState.REFUNDED, False)
        assert held(course) == (0, 0)


class TestWhoBoughtAndLeft:
    def test_comes_back_by_the_checkout_and_pays_nothing(self, shop: Shop, buyer: Person, course: Any) -> None:
        shop.buy(buyer, course)
        known = enrollments.find_enrollment(user_id=buyer.id, course_id=course.id)
        assert known
        assert shop.as_user(buyer).post(f"enrollments/{known.id}/withdraw/").status == 200
        again = shop.check_out(buyer, course)
        assert (again.status, again.json["enrollment_id"], again.json["amount"]) == (201, str(known.id), 0)
        assert (has_access(buyer, course), Order.objects.count()) == (True, 1)
        assert shop.check_out(buyer, course).json["code"] == "already_enrolled"
