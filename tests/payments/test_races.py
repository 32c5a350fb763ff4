"""Many at once, each with a control that fails with the lock or the constraint taken away."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from apps.certificates import api as certificates
from apps.courses.types import CourseCard
from apps.enrollments import api as enrollments
from apps.enrollments.actions import enrolment, follow_outline, seats
from apps.enrollments.errors import EnrollmentEnded
from apps.enrollments.models import EnrollmentQuerySet, TrackedCourse
from apps.payments.actions import checkout, fulfilment, invoicing, refunds, webhooks
from apps.payments.actions.orders import lock_order
from apps.payments.errors import CheckoutInProgress, NotRefundable
from apps.payments.events import OrderPaid
from apps.payments.models import Entry, Order, Refund, Series
from apps.payments.types import Checkout, OrderState, RefundSeen
from learninghub.clock import now
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import complete_lesson, disagreements
from tests.support.facts import deliver_all, published
from tests.support.load import meet
from tests.support.payments import PRICE, Shop, balances, documents_of, make_order, odd_sums, refunds_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)
ONE_LIVE = "payments_order_one_live"


@pytest.fixture
def course(db: None) -> CourseCard:
    made = make_course(price_amount=PRICE, lessons=1)
    follow_outline(course_id=made.id)
    return made


def kinds(results: list[Any]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


@contextmanager
def without(constraint: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where indexname = %s", [constraint])
        (definition,) = cursor.fetchone() or ("",)
        cursor.execute(f'drop index "{constraint}"')
        try:
            yield
        finally:
            cursor.execute("truncate payments_order cascade")
            cursor.execute(definition)


class TestTwentyClicks:
    def click(self, shop: Shop, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard) -> list[Any]:
        buyer = make_person()
        meet(monkeypatch, checkout, "_find_live", 20, after=True)
        return race(lambda _: checkout.check_out(user_id=buyer.id, course_id=course.id, now=now()), 20)

    def test_are_one_order(self, shop: Shop, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard) -> None:
        results = kinds(self.click(shop, race, monkeypatch, course))
        assert set(results) <= {Checkout.__name__, CheckoutInProgress.__name__}
        assert results[Checkout.__name__] >= 1
        assert (Order.objects.count(), len(shop.stripe.objects("checkout.session"))) == (1, 1)
        assert odd_sums() == []

    def test_would_be_many_without_the_constraint(
        self, shop: Shop, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard
    ) -> None:
        with without(ONE_LIVE):
            self.click(shop, race, monkeypatch, course)
            assert Order.objects.count() == 20


class TestTheLastSeat:
    SEAT = "tracked.taken + tracked.held < %(capacity)s::integer"

    def click(self, shop: Shop, race: Any, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
        course = make_course(price_amount=PRICE, capacity=1, lessons=1)
        follow_outline(course_id=course.id)
        people = [make_person() for _ in range(50)]
        meet(monkeypatch, checkout.enrollments, "hold_seat", 50)
        return kinds(
            race(lambda number: checkout.check_out(user_id=people[number].id, course_id=course.id, now=now()), 50)
        )

    def test_is_sold_to_one_of_fifty(self, shop: Shop, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.click(shop, race, monkeypatch) == {"Checkout": 1, "SeatsExhausted": 49}
        (order,) = Order.objects.all()
        shop.stripe.pay(order.checkout_url)
        shop.settle()
        assert TrackedCourse.objects.get().taken == 1
        assert odd_sums() == []

    def test_would_be_sold_to_all_if_it_were_looked_up_first(
        self, shop: Shop, race: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert self.SEAT in seats._HOLD
        monkeypatch.setattr(seats, "_HOLD", seats._HOLD.replace(self.SEAT, "%(is_free)s"))
        monkeypatch.setattr(seats, "_hold", hold_if_free(seats._hold))
        meet(monkeypatch, TrackedCourse.objects, "get", 50, after=True)
        assert self.click(shop, race, monkeypatch) == {"Checkout": 50}
        assert TrackedCourse.objects.get().held == 50


class TestTwoWebhooksAndTheClientsReturn:
    def all_come(self, shop: Shop, race: Any, course: CourseCard) -> list[Any]:
        shop.pay(shop.check_out(make_person(), course))
        order = Order.objects.get()
        shop.tell()
        events = [event["id"] for event in shop.stripe.events()]

        def come(number: int) -> None:
            if number % 2:
                fulfilment.look_again(order_id=order.id, now=now())
            else:
                webhooks.look_into(event_id=events[number // 2], now=now())

        return race(come, 6)

    def test_give_the_course_once(
        self, shop: Shop, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard
    ) -> None:
        meet(monkeypatch, fulfilment, "lock_order", 6)  # each has asked Stripe, and now wants the order
        assert self.all_come(shop, race, course) == [None] * 6
        assert (Order.objects.get().state, Entry.objects.filter(kind="sale").count()) == (OrderState.PAID, 1)
        assert (len(published(OrderPaid)), Refund.objects.count()) == (1, 0)
        shop.settle()
        assert odd_sums() == []

    def test_would_give_the_money_back_without_the_orders_lock(
        self, shop: Shop, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard
    ) -> None:
        monkeypatch.setattr(fulfilment, "lock_order", unlocked)
        meet(monkeypatch, fulfilment, "lock_order", 6, after=True)
        self.all_come(shop, race, course)
        assert Refund.objects.exists()


class TestTenRefunds:
    def ask(self, race: Any, course: CourseCard) -> Counter[str]:
        order = make_order(make_person(), course)
        staff = make_person(roles={"staff"})
        return kinds(race(lambda _: refunds.refund(order_id=order.id, amount=None, by=staff.id, now=now()), 10))

    def test_are_one(self, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard) -> None:
        meet(monkeypatch, refunds, "lock_order", 10)
        assert self.ask(race, course) == {Refund.__name__: 1, NotRefundable.__name__: 9}

    def test_would_be_many_without_the_orders_lock(
        self, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard
    ) -> None:
        monkeypatch.setattr(refunds, "lock_order", unlocked)
        meet(monkeypatch, refunds, "_left", 10, after=True)
        assert self.ask(race, course) == {Refund.__name__: 10}


@pytest.mark.usefixtures("shop")  # which draws no papers
class TestARefundAgainstACompletion:
    def clash(self, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard) -> tuple[Order, list[Any]]:
        order = make_order(make_person(), course)
        known = enrollments.find_enrollment(user_id=order.user_id, course_id=course.id)
        assert known
        made = all_back(order)
        has_read, is_completed, end = threading.Event(), threading.Event(), enrolment._end

        def end_late(*given: Any, **named: Any) -> None:
            has_read.set()
            is_completed.wait(timeout=0.3)  # in vain, where the completion waits for the lock that we hold
            end(*given, **named)

        def complete() -> None:
            assert has_read.wait(timeout=30)
            with suppress(EnrollmentEnded):
                complete_lesson(known, lesson_ids(course.id)[0])
            is_completed.set()

        monkeypatch.setattr(enrolment, "_end", end_late)
        acts = [complete, lambda: refunds.settle_one(order_id=order.id, made=made, now=now())]
        return order, race(lambda number: acts[number](), 2)

    def test_ends_without_access_and_with_right_sums(
        self, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard
    ) -> None:
        order, results = self.clash(race, monkeypatch, course)
        assert results == [None, None]
        deliver_all()
        order.refresh_from_db()
        assert (order.state, order.refunded_amount) == (OrderState.REFUNDED, PRICE)
        assert enrollments.has_access(user_id=order.user_id, course_id=course.id) is False
        assert certificates.find_for_course(user_id=order.user_id, course_id=course.id) is None
        assert balances() == {"stripe": -30, "fees": 30}
        assert documents_of(order) == [("invoice", PRICE), ("credit_note", PRICE)]
        assert (disagreements(), odd_sums()) == ([], [])

    def test_would_miscount_without_the_enrolments_lock(
        self, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard
    ) -> None:
        monkeypatch.setattr(EnrollmentQuerySet, "select_for_update", lambda rows, **_: rows, raising=False)
        order, results = self.clash(race, monkeypatch, course)
        assert isinstance(results[1], IntegrityError)  # the rollups' constraint sees what the lock would have spared
        assert (refunds_of(order), balances()["stripe"]) == ([], PRICE - 30)  # and nothing of the refund has stayed


class TestTwoRefundsOfOneCourse:
    def settle_both(self, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard) -> list[Any]:
        """One in two parts, one whole. Who has a number lets the other take the course, and the other way round."""
        orders = [make_order(make_person(), course) for _ in range(2)]
        parts = [(1000, PRICE - 1000), (PRICE,)]
        has_number, has_course = threading.Event(), threading.Event()
        let_each_other(monkeypatch, invoicing, "_issue", has_number, has_course)
        let_each_other(monkeypatch, refunds.enrollments, "take_back", has_course, has_number)

        def settle(number: int) -> None:
            order = orders[number]
            with transaction.atomic():
                locked = lock_order(order_id=order.id)
                for amount in parts[number]:
                    refunds.settle(locked, all_back(order, amount=amount))
                invoicing.issue_due(order=locked, now=now())

        return race(settle, 2)

    def test_wait_in_no_circle(self, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard) -> None:
        assert self.settle_both(race, monkeypatch, course) == [None, None]
        assert Series.objects.get(name__startswith="CN-").last_serial == 3
        assert set(Order.objects.values_list("state", flat=True)) == {OrderState.REFUNDED}
        assert odd_sums() == []

    def test_would_if_a_number_were_taken_before_the_course(
        self, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard
    ) -> None:
        book = refunds._book

        def book_and_issue(order: Order, refund: Refund, *, settled_at: Any) -> None:
            book(order, refund, settled_at=settled_at)
            invoicing.issue_due(order=order, now=now())

        monkeypatch.setattr(refunds, "_book", book_and_issue)
        (refused,) = [result for result in self.settle_both(race, monkeypatch, course) if result is not None]
        assert "deadlock detected" in str(refused)
        assert odd_sums() == []


def let_each_other(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, mine: threading.Event, other: threading.Event
) -> None:
    real = getattr(owner, name)

    def and_wait(*given: Any, **named: Any) -> Any:
        result = real(*given, **named)
        mine.set()
        other.wait(timeout=0.3)  # in vain, where the other waits for the lock that we hold
        return result

    monkeypatch.setattr(owner, name, and_wait)


def all_back(order: Order, *, amount: int = PRICE) -> RefundSeen:
    return RefundSeen(
        id=f"re_{order.id}_{amount}", refund_id=None, amount=amount, created=now(), is_settled=True, failure=""
    )


def hold_if_free(hold: Any) -> Any:
    """Looks for a seat first, and takes it in a second statement that believes what was seen."""

    def look_and_hold(wanted: dict[str, Any]) -> Any:
        seen = TrackedCourse.objects.get(pk=wanted["course_id"])
        return hold({**wanted, "is_free": seen.taken + seen.held < wanted["capacity"]})

    return look_and_hold


def unlocked(*, order_id: UUID) -> Order:
    return Order.objects.get(id=order_id)
