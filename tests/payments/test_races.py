"""Many at once, each with a control that fails with the lock or the constraint taken away."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from apps.certificates import api as certificates
from apps.courses.types import CourseCard
from apps.enrollments import api as enrollments
from apps.enrollments.actions import enrolment, follow_outline
from apps.enrollments.errors import EnrollmentEnded
from apps.enrollments.models import EnrollmentQuerySet, TrackedCourse
from apps.enrollments.types import TakenBack
from apps.payments.actions import checkout, fulfilment, refunds, webhooks
from apps.payments.errors import CheckoutInProgress, NotRefundable
from apps.payments.events import OrderPaid
from apps.payments.models import Entry, Order, Refund
from apps.payments.types import Checkout, OrderState
from apps.users.types import Person
from learninghub.clock import now
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import complete_lesson, disagreements
from tests.support.facts import deliver_all, published
from tests.support.payments import PRICE, Shop, has_access, make_order, odd_sums
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


def meet(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, parties: int) -> None:
    """Nobody goes on from this function until all have been there, so that the race is there every time."""
    real, barrier = getattr(owner, name), threading.Barrier(parties)

    def met(*given: Any, **named: Any) -> Any:
        result = real(*given, **named)
        with suppress(threading.BrokenBarrierError):  # the others wait for a lock that we hold
            barrier.wait(timeout=0.3)
        return result

    monkeypatch.setattr(owner, name, met)


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
        meet(monkeypatch, checkout.courses, "get_card", 20)
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
            assert Order.objects.count() > 1


class TestTheLastSeat:
    def test_is_sold_to_one_of_fifty(self, shop: Shop, race: Any) -> None:
        course = make_course(price_amount=PRICE, capacity=1, lessons=1)
        people = [make_person() for _ in range(50)]
        clicks = race(lambda number: checkout.check_out(user_id=people[number].id, course_id=course.id, now=now()), 50)
        assert kinds(clicks) == {"Checkout": 1, "SeatsExhausted": 49}
        (order,) = Order.objects.all()
        shop.stripe.pay(order.checkout_url)
        shop.settle()
        assert TrackedCourse.objects.get(pk=course.id).taken == 1
        assert odd_sums() == []


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
        meet(monkeypatch, fulfilment, "lock_order", 6)
        assert self.all_come(shop, race, course) == [None] * 6
        assert (Order.objects.get().state, Entry.objects.filter(kind="sale").count()) == (OrderState.PAID, 1)
        assert (len(published(OrderPaid)), Refund.objects.count()) == (1, 0)
        shop.settle()
        assert odd_sums() == []

    def test_would_give_the_money_back_without_the_orders_lock(
        self, shop: Shop, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard
    ) -> None:
        monkeypatch.setattr(fulfilment, "lock_order", unlocked)
        meet(monkeypatch, fulfilment, "lock_order", 6)
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
        meet(monkeypatch, refunds, "lock_order", 10)
        assert self.ask(race, course)[Refund.__name__] > 1


class TestARefundAgainstACompletion:
    def clash(self, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard) -> tuple[Person, list[Any]]:
        buyer = make_person()
        make_order(buyer, course)
        known = enrollments.find_enrollment(user_id=buyer.id, course_id=course.id)
        assert known
        has_read, is_completed, end = threading.Event(), threading.Event(), enrolment._end

        def end_late(*given: Any, **named: Any) -> None:
            has_read.set()
            is_completed.wait(timeout=0.5)
            end(*given, **named)

        def complete() -> None:
            has_read.wait(timeout=5)
            with suppress(EnrollmentEnded):
                complete_lesson(known, lesson_ids(course.id)[0])
            is_completed.set()

        monkeypatch.setattr(enrolment, "_end", end_late)
        about = {"user_id": buyer.id, "course_id": course.id}
        acts = [complete, lambda: enrollments.take_back(**about, reason=TakenBack.REFUND)]
        return buyer, race(lambda number: acts[number](), 2)

    def test_ends_without_access_and_with_right_sums(
        self, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard
    ) -> None:
        buyer, results = self.clash(race, monkeypatch, course)
        assert results == [None, None]
        deliver_all()
        assert (has_access(buyer, course), disagreements()) == (False, [])
        assert certificates.find_for_course(user_id=buyer.id, course_id=course.id) is None

    def test_would_miscount_without_the_enrolments_lock(
        self, race: Any, monkeypatch: pytest.MonkeyPatch, course: CourseCard
    ) -> None:
        monkeypatch.setattr(EnrollmentQuerySet, "select_for_update", lambda rows, **_: rows, raising=False)
        _, results = self.clash(race, monkeypatch, course)
        assert isinstance(results[1], IntegrityError)  # the rollups' constraint sees what the lock would have spared


def unlocked(*, order_id: UUID) -> Order:
    return Order.objects.get(id=order_id)
