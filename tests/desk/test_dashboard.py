"""The dashboard: what was counted, day by day, and what is in somebody's way."""

import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from apps.payments.actions import checkout, refunds
from apps.payments.models import DayTotal, Order, Refund, StripeEvent
from apps.payments.types import RefundSeen
from apps.users import api as users
from config.admin.dashboard import DAYS, dashboard
from learninghub.clock import now
from learninghub.outbox.models import OutboxMessage, QueuedMessage
from tests.support.courses import make_course
from tests.support.desk import desk_of
from tests.support.enrollments import enrol
from tests.support.payments import make_order
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def born(person, moment: datetime) -> None:
    """As if they had registered then: the key tells the time, and so does the row."""
    key = UUID(int=int(moment.timestamp() * 1000) << 80 | person.id.int & (2**80 - 1))
    with connection.cursor() as cursor:
        cursor.execute("update users_user set id = %s, created_at = %s where id = %s", [key, moment, person.id])


def test_registrations_are_counted_by_utc_day_from_the_first_to_the_last_moment():
    for moment in (
        datetime(2026, 3, 1, 23, 59, 59, 999000, tzinfo=UTC),
        datetime(2026, 3, 2, 0, 0, 0, tzinfo=UTC),
        datetime(2026, 3, 2, 23, 59, 59, 999000, tzinfo=UTC),
        datetime(2026, 3, 3, 0, 0, 0, tzinfo=UTC),
        datetime(2026, 3, 4, 0, 0, 0, tzinfo=UTC),
    ):
        born(make_person(), moment)

    assert users.figures(first=date(2026, 3, 2), last=date(2026, 3, 3)) == {
        "registrations": {date(2026, 3, 2): 2, date(2026, 3, 3): 1}
    }


def test_the_page_shows_today_against_yesterday_and_the_week():
    staff = make_person(roles={"staff"})
    course = make_course(author=make_person(roles={"instructor"}), lessons=1)
    enrol(make_person(), course, now=now())
    born(make_person(), now() - timedelta(days=1))

    shown = dashboard(now=now())

    cards = {card.title: (card.value, card.beside) for card in shown.cards}
    assert cards["Registrations"] == ("3", "1 yesterday, 4 in 7 days")
    assert cards["Enrolments"] == ("1", "0 yesterday, 1 in 7 days")
    assert [len(chart.rows) for chart in shown.charts] == [DAYS] * 4
    page = desk_of(staff).get("/admin/").content.decode()
    assert "1 yesterday, 4 in 7 days" in page


def sell(person, price: int, currency: str, moment: datetime, *, given_back: int = 0):
    """An order paid at that moment, some of it given back two hours later."""
    order = make_order(person, make_course(lessons=1, price_amount=price, currency=currency), now=moment)
    if given_back:
        back = moment + timedelta(hours=2)
        made = RefundSeen(
            id=f"re_{order.id}", refund_id=None, amount=given_back, created=back, is_settled=True, failure=""
        )
        refunds.settle_one(order_id=order.id, made=made, now=back)
    return order


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ")


class TestRevenue:
    def test_is_sales_less_refunds_by_utc_day_and_never_adds_two_currencies(self):
        noon = now().replace(hour=12, minute=0, second=0, microsecond=0)
        midnight = noon.replace(hour=0)
        sell(make_person(), 4900, "EUR", midnight, given_back=1000)
        sell(make_person(), 900, "EUR", midnight - timedelta(milliseconds=1))
        sell(make_person(), 1500, "EUR", midnight - timedelta(days=5, hours=12))
        sell(make_person(), 2500, "JPY", noon - timedelta(days=7))
        sell(make_person(), 7700, "EUR", midnight - timedelta(days=13, milliseconds=1))

        shown = dashboard(now=noon)

        cards = {card.title: (spaced(card.value), spaced(card.beside)) for card in shown.cards}
        assert cards["Revenue in EUR"] == ("EUR 39.00", "EUR 9.00 yesterday, EUR 63.00 in 7 days")
        assert cards["Revenue in JPY"] == ("JPY 0", "JPY 0 yesterday, JPY 0 in 7 days")
        euros, yen = (chart for chart in shown.charts if chart.title.startswith("Revenue"))
        bars = json.loads(euros.data)["datasets"][0]["data"]
        assert bars == [0] * 7 + [15, 0, 0, 0, 0, 9, 39]
        assert json.loads(yen.data)["datasets"][0]["data"] == [0] * 6 + [2500] + [0] * 7
        assert euros.columns == ("Gross", "Refunds", "Tax", "Fees", "Net")
        day, cells = euros.rows[-1]
        assert (day, [spaced(cell) for cell in cells]) == (
            noon.date(),
            ["EUR 49.00", "EUR 10.00", "EUR 0.00", "EUR 0.30", "EUR 38.70"],
        )

    def test_of_a_shop_that_sold_nothing_says_so(self):
        [card] = [card for card in dashboard(now=now()).cards if card.title.startswith("Revenue")]
        assert (card.title, card.value, card.beside) == ("Revenue", "0", "nothing sold in 14 days")


class TestFailuresOfTheShop:
    def test_are_counted_where_they_are_and_alarm(self):
        order = sell(make_person(), 4900, "EUR", now())
        Refund.objects.create(order=order, amount=100, reason="goodwill", state="failed", failure="Closed.")
        Refund.objects.create(order=order, amount=100, reason="goodwill")
        returning = sell(make_person(), 4900, "EUR", now())
        Order.objects.filter(id=returning.id).update(state="returning")
        event = {"type": "charge.updated", "created": now(), "object_id": "ch_1"}
        for number, minutes, state in ((1, 11, "received"), (2, 9, "received"), (3, 11, "done")):
            received = now() - timedelta(minutes=minutes)
            StripeEvent.objects.create(id=f"evt_{number}", received_at=received, state=state, **event)
        same = {"sold": 5, "refunded": 2, "sold_at_stripe": 5, "refunded_at_stripe": 2, "compared_at": now()}
        for days, unlike in ((1, {}), (2, {"sold": 6}), (3, {"refunded_at_stripe": 1})):
            day = (now() - timedelta(days=days)).date()
            DayTotal.objects.create(day=day, currency="EUR", **(same | unlike))
        declined = checkout.begin(user_id=make_person().id, course_id=_sold().id, now=now())
        Order.objects.filter(id=declined.id).update(decline_id="ch_declined")
        checkout.begin(user_id=make_person().id, course_id=_sold().id, now=now())

        cards = {card.title: (card.value, card.is_alarming) for card in dashboard(now=now()).failures}

        assert cards["Refunds that failed"] == ("1", True)
        assert cards["Orders on their way back"] == ("1", True)
        assert cards["Stripe events that wait"] == ("1", True)
        assert cards["Days unlike Stripe's"] == ("2", True)
        assert cards["Payments declined"] == ("1", False)

    def test_are_none_in_a_shop_without_any(self):
        sell(make_person(), 4900, "EUR", now(), given_back=100)
        assert {card.title for card in dashboard(now=now()).failures if card.is_alarming} == set()

    def test_lead_to_the_rows_that_are_meant(self):
        desk = desk_of(make_person(roles={"staff"}))
        for card in dashboard(now=now()).failures:
            if card.address:
                assert desk.get(card.address).status_code == 200, card.title


def _sold():
    return make_course(lessons=1, price_amount=4900)


def test_what_waits_long_was_parked_or_died_is_alarming():
    calm = {card.title: card.is_alarming for card in dashboard(now=now()).failures}
    late = now() - timedelta(minutes=5)
    waiting = {"kind": "job", "name": "x.y", "aggregate_type": "", "aggregate_id": "", "payload": [], "headers": {}}
    OutboxMessage.objects.create(**waiting, aggregate_version=1, partition=0, available_at=late)
    OutboxMessage.objects.create(**waiting, aggregate_version=2, partition=0, parked_at=late)
    QueuedMessage.objects.create(
        message_id=UUID(int=1), kind="job", name="x.y", target="x.y", queue="x", payload=[], headers={},
        available_at=late, dead_at=late,
    )  # fmt: skip

    cards = {card.title: card for card in dashboard(now=now()).failures}

    assert set(calm.values()) == {False}
    assert (cards["Outbox lag"].is_alarming, cards["Outbox lag"].beside) == (True, "1 waiting")
    assert (cards["Parked or dead"].value, cards["Parked or dead"].is_alarming) == ("2", True)


def test_the_page_costs_the_same_for_few_and_many(queries_of):
    desk = desk_of(make_person(roles={"staff"}))
    sell(make_person(), 4900, "EUR", now())
    few = queries_of(lambda: desk.get("/admin/"))
    for number in range(30):
        sell(make_person(), 4900, "EUR", now() - timedelta(days=number % 14), given_back=number)
    assert queries_of(lambda: desk.get("/admin/")) == few


def test_a_page_may_load_from_here_alone_and_the_rest_of_the_site_stays_strict(client):
    desk = desk_of(make_person(roles={"staff"}))
    policy = desk.get("/admin/").headers["Content-Security-Policy"]
    login = client.get("/admin/login/").headers["Content-Security-Policy"]
    assert policy == login
    assert "script-src 'self' 'unsafe-eval';" in f"{policy};"
    assert not {"http:", "https:", "*"} & set(policy.replace(";", " ").split())
    assert "unsafe" not in client.get("/verify/").headers["Content-Security-Policy"]
