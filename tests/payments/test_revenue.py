"""What courses bring in: exact by day and currency, and each instructor's own."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from apps.courses.types import CourseCard
from apps.payments.actions import fulfilment, refunds
from apps.payments.models import Order
from apps.payments.types import DisputeSeen, PaymentSeen, RefundSeen, SessionSeen
from apps.users.types import Person
from tests.support.courses import make_course
from tests.support.payments import make_order
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
SUNDAY = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
MONDAY = SUNDAY + timedelta(seconds=1)
WEEK = {"first": "2026-11-20", "last": "2026-11-26"}
_numbers = count(1)


@pytest.fixture(autouse=True)
def _rate(settings: Any) -> None:
    settings.SELLER_TAX_RATE = 1900


@pytest.fixture
def teacher() -> Person:
    return make_person(roles={"instructor"})


@pytest.fixture
def course(teacher: Person) -> CourseCard:
    return make_course(author=teacher, lessons=1, price_amount=4_900)


def sell(course: CourseCard, *, at: datetime) -> Order:
    return make_order(make_person(), course, now=at)


def give_back(order: Order, amount: int, *, at: datetime) -> None:
    made = RefundSeen(id=f"re_{next(_numbers)}", amount=amount, is_settled=True, failure="", refund_id=None, created=at)
    refunds.settle_one(order_id=order.id, made=made, now=at)


def days(answer: Any) -> list[tuple[Any, ...]]:
    assert answer.status == 200
    names = ("day", "currency", "gross", "refunds", "tax", "fees", "net")
    return [tuple(day[name] for name in names) for day in answer.json["days"]]


def test_days_are_exact_and_the_latest_comes_first(as_user: Any, teacher: Person, course: CourseCard):
    order = sell(course, at=SUNDAY)
    sell(course, at=SUNDAY)
    sell(make_course(author=teacher, lessons=1, price_amount=500, currency="JPY"), at=MONDAY)
    give_back(order, 1_000, at=MONDAY)
    assert days(as_user(teacher).get("payments/revenue/", **WEEK)) == [
        ("2026-11-23", "EUR", 0, 1_000, -160, 0, -840),
        ("2026-11-23", "JPY", 500, 0, 80, 30, 390),
        ("2026-11-22", "EUR", 9_800, 0, 1_564, 60, 8_176),
    ]


def test_what_a_bank_took_back_counts_as_given_back(as_user: Any, teacher: Person, course: CourseCard):
    order = sell(course, at=SUNDAY)
    session = SessionSeen(
        id=order.session_id, url="", is_expired=False, order_id=order.id, amount=order.amount, currency=order.currency
    )
    lost = DisputeSeen(id="dp_1", amount=4_900, fee=1_500, is_lost=True, closed_at=MONDAY)
    fulfilment.bring_up_to_date(order_id=order.id, seen=PaymentSeen(session=session, dispute=lost), now=MONDAY)
    assert days(as_user(teacher).get("payments/revenue/", first="2026-11-23", last="2026-11-23")) == [
        ("2026-11-23", "EUR", 0, 4_900, 0, 1_500, -6_400)
    ]


def test_instructors_see_their_own_courses_and_staff_all(as_user: Any, teacher: Person, course: CourseCard):
    other = make_course(lessons=1, price_amount=700)
    sell(course, at=SUNDAY)
    sell(other, at=SUNDAY)
    staff = as_user(make_person(roles={"staff"}))

    def gross(client: Any, **asked: str) -> list[int]:
        return [day[2] for day in days(client.get("payments/revenue/", **WEEK, **asked))]

    assert gross(as_user(teacher)) == [4_900]
    assert gross(as_user(teacher), course_id=str(course.id)) == [4_900]
    assert gross(as_user(teacher), course_id=str(other.id)) == []
    assert gross(as_user(make_person(roles={"instructor"}))) == []
    assert gross(staff) == [5_600]
    assert gross(staff, course_id=str(other.id)) == [700]


def test_costs_as_much_for_thirty_sales_as_for_three(
    as_user: Any, teacher: Person, course: CourseCard, queries_of: Any
):
    client = as_user(teacher)
    for _ in range(3):
        sell(course, at=SUNDAY)
    few = queries_of(lambda: client.get("payments/revenue/", **WEEK))
    for _ in range(27):
        sell(course, at=SUNDAY)
    assert queries_of(lambda: client.get("payments/revenue/", **WEEK)) == few == 2


@pytest.mark.parametrize(
    "asked",
    [{"first": "2026-11-02", "last": "2026-11-01"}, {"first": "2025-11-01", "last": "2026-11-02"}, {"last": "now"}],
    ids=["backwards", "more than a year", "no day"],
)
def test_other_days_cannot_be_asked_for(as_user: Any, teacher: Person, asked: dict[str, str]):
    answer = as_user(teacher).get("payments/revenue/", **asked)
    assert (answer.status, answer.json["code"]) == (400, "invalid")
