"""The dashboard: what was counted, day by day, and what is in somebody's way."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from apps.users import api as users
from config.admin.dashboard import DAYS, dashboard
from learninghub.clock import now
from learninghub.outbox.models import OutboxMessage, QueuedMessage
from tests.support.courses import make_course
from tests.support.desk import desk_of
from tests.support.enrollments import enrol
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
    enrol(make_person(), course)
    born(make_person(), now() - timedelta(days=1))

    shown = dashboard(now=now())

    cards = {card.title: (card.value, card.beside) for card in shown.cards}
    assert cards["Registrations"] == ("3", "1 yesterday, 4 in 7 days")
    assert cards["Enrolments"] == ("1", "0 yesterday, 1 in 7 days")
    assert [len(chart.rows) for chart in shown.charts] == [DAYS] * 4
    page = desk_of(staff).get("/admin/").content.decode()
    assert "1 yesterday, 4 in 7 days" in page


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
    few = queries_of(lambda: desk.get("/admin/"))
    for _ in range(30):
        make_person()
    assert queries_of(lambda: desk.get("/admin/")) == few


def test_a_page_may_load_from_here_alone_and_the_rest_of_the_site_stays_strict(client):
    desk = desk_of(make_person(roles={"staff"}))
    policy = desk.get("/admin/").headers["Content-Security-Policy"]
    login = client.get("/admin/login/").headers["Content-Security-Policy"]
    assert policy == login
    assert "script-src 'self' 'unsafe-eval';" in f"{policy};"
    assert not {"http:", "https:", "*"} & set(policy.replace(";", " ").split())
    assert "unsafe" not in client.get("/verify/").headers["Content-Security-Policy"]
