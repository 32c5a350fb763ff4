"""The demo: lived once, worth a look, and true to every promise."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.core.management import call_command

from apps.assessments import api as assessments
from apps.assessments.models import Question
from apps.assessments.types import QuestionKind
from apps.certificates import api as certificates
from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.notifications.models import Mail
from apps.payments.models import Order, Refund
from apps.users import api as users
from apps.users.types import Person
from config.demo import people
from config.invariants import INVARIANTS
from config.invariants.checking import check
from learninghub.db import Figures
from learninghub.outbox.models import InboxEntry, OutboxMessage
from sandbox.stripe import StripeServer
from tests.support.http import Client

pytestmark = pytest.mark.django_db
AsUser = Callable[..., Client]


def person(name: str) -> Person:
    found = users.find_by_email(email=f"{name}@learninghub.example")
    assert found
    return found


def in_thirty_days(door: Callable[..., Figures], name: str) -> list[int]:
    """What the door counted on each day, 29 days ago first and today last."""
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=ago) for ago in range(29, -1, -1)]
    counted = door(first=days[0], last=days[-1])[name]
    return [counted.get(day, 0) for day in days]


def names_who_to_log_in_as(said: str, client: Client) -> None:
    for one in people.LOGINS:
        assert one.email in said
        answer = client.post("auth/token/", {"email": one.email, "password": people.PASSWORD})
        assert answer.status == 200


def has_lessons_of_every_kind(client: Client, as_user: AsUser) -> None:
    results = client.get("courses/").json["results"]
    assert [course["title"] for course in results] == [
        "Writing to be read",
        "Statistics by eye",
        "Learning to learn",
        "Git without fear",
        "Deutsch im Alltag",
    ]
    assert [course["title"] for course in results if not course["cover_url"]] == []
    videos, films, downloads = [], [], []
    team = {"Writing to be read": as_user(person("kofi"))}
    for course in results:
        outline = courses.get_outline(course_id=course["id"])
        statuses = {lesson.id: client.get(f"content/lessons/{lesson.id}/").status for lesson in outline.lessons}
        assert statuses == {lesson.id: 200 if lesson.is_preview else 401 for lesson in outline.lessons}
        assert assessments.find_quizzes(lesson_ids=list(statuses))
        reader = team.get(course["title"], as_user(person("ines")))
        lessons = [reader.get(f"content/lessons/{lesson.id}/").json for lesson in outline.lessons]
        assert [lesson["title"] for lesson in lessons if not lesson["html"]] == []
        videos += [lesson["video_url"] for lesson in lessons if lesson["video_url"]]
        films += [reader.get(lesson["film"]["url"]) for lesson in lessons if lesson["film"]]
        for lesson in outline.lessons:
            offered = reader.get(f"content/lessons/{lesson.id}/resources/").json["results"]
            downloads += [(one["filename"], one["media_type"]) for one in offered]
    assert videos == ["https://git-scm.com/video/what-is-git"]
    assert [(film.status, film.headers["Content-Type"]) for film in films] == [(200, "video/webm")]
    assert sorted(downloads) == [
        ("first-week.txt", "text/plain"),
        ("forgetting.vtt", "text/vtt"),
        ("to-mend.txt", "text/plain"),
        ("tram.csv", "text/csv"),
    ]
    assert set(Question.objects.values_list("kind", flat=True)) == set(QuestionKind)


def has_a_certificate_whose_page_is_named(said: str, client: Client, as_user: AsUser) -> None:
    lin = as_user(person("lin"))
    [certificate] = lin.get("certificates/").json["results"]
    assert lin.get(f"certificates/{certificate['id']}/pdf/").body.startswith(b"%PDF-")
    [code] = re.findall(r"\{site\}/verify/(\S+)/", said)
    assert people.LEARNER.display_name in client.get(f"/verify/{code}/").text


def has_a_history_of_days() -> None:
    assert in_thirty_days(users.figures, "registrations") == [
        *(1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1),
        *(2, 1, 1, 2, 1, 1, 1, 3, 1, 2, 1, 1, 1, 1),
    ]
    assert in_thirty_days(enrollments.figures, "enrolments") == [
        *(1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 3, 0, 1, 0, 1, 1),
        *(2, 1, 1, 3, 1, 2, 1, 5, 0, 2, 2, 2, 2, 1),
    ]
    assert in_thirty_days(enrollments.figures, "completions") == [
        *(1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0),
        *(1, 2, 0, 0, 0, 2, 1, 0, 2, 1, 0, 1, 2, 1),
    ]
    assert in_thirty_days(certificates.figures, "certificates") == in_thirty_days(enrollments.figures, "completions")


def has_orders_in_every_state_and_what_they_brought(as_user: AsUser) -> None:
    assert Counter(Order.objects.values_list("state", flat=True)) == {
        "paid": 12,
        "expired": 2,
        "refunded": 1,
        "pending": 1,
    }
    today = datetime.now(UTC).date()
    given = [
        (refund.amount, refund.reason, refund.state, (today - refund.created_at.date()).days)
        for refund in Refund.objects.order_by("amount")
    ]
    assert given == [(500, "goodwill", "settled", 11), (4900, "withdrawal", "settled", 19)]
    mine = as_user(person("lin")).get("payments/orders/").json["results"]
    assert [(order["course_title"], order["state"]) for order in mine] == [
        ("Writing to be read", "expired"),
        ("Statistics by eye", "paid"),
    ]
    days = as_user(person("ines")).get("payments/revenue/").json["days"]
    brought = {(today - date.fromisoformat(day["day"])).days: (day["gross"], day["refunds"]) for day in days}
    assert brought == {
        19: (2900, 0),
        17: (2900, 0),
        12: (2900, 0),
        11: (0, 500),
        9: (2900, 0),
        6: (5800, 0),
        3: (2900, 0),
        1: (2900, 0),
    }
    assert {day["currency"] for day in days} == {"EUR"}


def has_a_leaderboard(as_user: AsUser) -> None:
    lin = as_user(person("lin"))
    board = lin.get("gamification/leaderboard/", period="all").json["results"]
    assert [(row["rank"], row["name"], row["points"]) for row in board[:5]] == [
        (1, "Oluwaseun Adeyemi", 425),
        (2, "Lin Zhao", 290),
        (3, "Amira Haddad", 285),
        (4, "Jonas Weber", 230),
        (5, "王小明", 230),
    ]
    assert len(board) == 20
    mine = lin.get("gamification/me/").json
    assert (mine["points"], mine["rank"], mine["balance"], mine["badges"]) == (290, 2, 240, 3)


def has_rewards_that_some_took(as_user: AsUser) -> None:
    lin = as_user(person("lin"))
    shelf = lin.get("gamification/rewards/").json["results"]
    assert [(reward["cost"], reward["left"]) for reward in shelf] == [(50, None), (150, 4), (300, 25)]
    assert shelf[1]["cost"] <= lin.get("gamification/me/").json["balance"]
    [taken] = lin.get("gamification/redemptions/").json["results"]
    assert (taken["points"], taken["state"]) == (50, "redeemed")


def has_reviews_that_the_catalogue_follows(client: Client, as_user: AsUser) -> None:
    shown = {
        course["title"]: (
            course["rating"],
            course["rating_count"],
            [row["reply"] != "" for row in client.get("reviews/", course_id=course["id"]).json["results"]].count(True),
        )
        for course in client.get("courses/").json["results"]
    }
    assert shown == {
        "Learning to learn": (4.5, 8, 3),
        "Statistics by eye": (4.25, 4, 1),
        "Git without fear": (3.5, 4, 1),
        "Deutsch im Alltag": (4.67, 3, 0),
        "Writing to be read": (5.0, 1, 0),
    }
    queue = as_user(person("staff")).get("reviews/reports/").json["results"]
    assert [(row["author_name"], row["state"]) for row in queue] == [("Őry Péter", "shown")]
    hemi = as_user(person("hemi")).get("reviews/mine/").json["results"]
    assert [(row["state"], row["hidden_for"]) for row in hemi] == [("hidden", "spam")]


def has_news_old_and_new(as_user: AsUser) -> None:
    lin = as_user(person("lin"))
    news = lin.get("notifications/", page_size=100).json["results"]
    today = datetime.now(UTC).date()
    ago = [(today - datetime.fromisoformat(one["created_at"]).date()).days for one in news]
    unread = [(back, one["kind"]) for back, one in zip(ago, news, strict=True) if one["read_at"] is None]
    assert unread == [(1, "review_replied"), (2, "order_expired")]
    assert ago == sorted(ago)
    assert (len(news), ago[-1]) == (12, 35)


def writes_to_the_learner_and_of_money() -> None:
    to = Counter(Mail.objects.exclude(kind__in=["receipt", "refund"]).values_list("user__email", flat=True))
    assert set(to) == {people.LEARNER.email}
    assert Counter(Mail.objects.values_list("kind", flat=True))["verify"] == 0
    assert Counter(Mail.objects.filter(kind__in=["receipt", "refund"]).values_list("kind", flat=True)) == {
        "receipt": 13,
        "refund": 2,
    }


def keeps_every_promise(deliver_all: Callable[[], int]) -> None:
    deliver_all()
    # What processes of other tests have done in this database.
    InboxEntry.objects.exclude(message_id__in=OutboxMessage.objects.values("message_id")).delete()
    assert [one.code for one in check(INVARIANTS) if one.breaches] == []


def rows_of_everything() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in apps.get_models()}


def test_the_demo_is_worth_a_look_lived_once_and_true(
    till: StripeServer,
    client: Client,
    as_user: AsUser,
    deliver_all: Callable[[], int],
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
):
    call_command("load_demo", till=till)
    said = capsys.readouterr().out
    names_who_to_log_in_as(said, client)
    has_lessons_of_every_kind(client, as_user)
    has_a_certificate_whose_page_is_named(said, client, as_user)
    has_a_history_of_days()
    has_orders_in_every_state_and_what_they_brought(as_user)
    has_a_leaderboard(as_user)
    has_rewards_that_some_took(as_user)
    has_reviews_that_the_catalogue_follows(client, as_user)
    has_news_old_and_new(as_user)
    writes_to_the_learner_and_of_money()
    before, called = rows_of_everything(), till.calls()
    call_command("load_demo", till=till)
    assert rows_of_everything() == before
    assert till.calls() == called
    assert "here already" in capsys.readouterr().out
    request.getfixturevalue("undrawn")  # what remains to be drawn
    keeps_every_promise(deliver_all)
