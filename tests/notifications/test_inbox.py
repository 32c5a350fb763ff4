"""A person's list of news, and what they want to be told, over HTTP."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail

from apps.gamification.events import BadgeEarned
from apps.notifications import actions
from apps.notifications.models import Mail, Notification, Preference
from apps.notifications.rules import optional
from apps.notifications.types import Kind
from apps.users.events import EmailVerified, PasswordChanged
from learninghub.clock import now
from tests.support.courses import make_course
from tests.support.enrollments import enrol
from tests.support.http import Client
from tests.support.notifications import state_fact, work
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]


def tell(person: Any, count: int = 1) -> None:
    """So much news in the person's list."""
    state_fact(*(BadgeEarned(user_id=person.id, badge=f"b{number}", name=f"No {number}") for number in range(count)))
    work()


def news_of(client: Client, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("notifications/", **query)
    assert answer.status == 200
    results: list[dict[str, Any]] = answer.json["results"]
    return results


class TestTheList:
    def test_names_what_happened_newest_first(self, as_user: SignIn):
        person, course = make_person(), make_course(title="Knots")
        enrol(person, course)
        work()
        tell(person)
        badge, enrolment = news_of(as_user(person))
        assert (badge["kind"], badge["title"]) == ("badge", "A new badge")
        assert enrolment["kind"] == "enrolment"
        assert enrolment["title"] == "You are enrolled"
        assert enrolment["body"] == "A place in “Knots” is yours."
        assert enrolment["facts"] == {"course_id": str(course.id), "course": "Knots"}
        assert enrolment["read_at"] is None

    def test_speaks_the_persons_language_whatever_the_browser_says(self, as_user: SignIn):
        person = make_person(locale="de")
        state_fact(EmailVerified(user_id=person.id))
        work()
        [news] = as_user(person).get("notifications/", headers={"Accept-Language": "en"}).json["results"]
        assert news["title"] == "Willkommen"

    def test_holds_nothing_that_is_only_mailed(self, as_user: SignIn, client: Client):
        registered = client.post(
            "auth/register/",
            {
                "email": "new@example.org",
                "password": "a long enough one",
                "display_name": "Ada",
                "terms_version": "2026-11",
            },
        )
        work()
        assert registered.status == 201
        assert len(mail.outbox) == 1
        assert Notification.objects.count() == 0

    def test_shows_nobody_elses_news(self, as_user: SignIn):
        tell(make_person())
        assert news_of(as_user(make_person())) == []

    def test_goes_on_page_by_page(self, as_user: SignIn):
        person = make_person()
        tell(person, 5)
        client = as_user(person)
        first = client.get("notifications/", page_size=2).json
        second = client.get(first["next"]).json
        third = client.get(second["next"]).json
        names = [news["facts"]["badge"] for page in (first, second, third) for news in page["results"]]
        assert names == ["No 4", "No 3", "No 2", "No 1", "No 0"]
        assert third["next"] is None

    def test_costs_as_much_for_thirty_as_for_three(self, as_user: SignIn, queries_of: Callable[..., int]):
        few, many = make_person(), make_person()
        tell(few, 3)
        tell(many, 30)
        counts = [queries_of(lambda p=person: news_of(as_user(p), page_size=30)) for person in (few, many)]
        assert counts == [2, 2]  # its own, and one for the door of users


class TestReading:
    def test_marks_one(self, as_user: SignIn):
        person = make_person()
        tell(person, 2)
        client = as_user(person)
        latest, other = news_of(client)
        assert client.post(f"notifications/{latest['id']}/read/").status == 204
        assert client.get("notifications/unread-count/").json == {"unread": 1}
        assert [news["id"] for news in news_of(client, unread="true")] == [other["id"]]

    def test_keeps_the_first_time(self, as_user: SignIn):
        person = make_person()
        tell(person)
        client = as_user(person)
        [news] = news_of(client)
        client.post(f"notifications/{news['id']}/read/")
        first = Notification.objects.get().read_at
        assert client.post(f"notifications/{news['id']}/read/").status == 204
        assert Notification.objects.get().read_at == first is not None

    def test_is_refused_for_anothers_and_for_none(self, as_user: SignIn):
        person = make_person()
        tell(person)
        stranger = as_user(make_person())
        for notification_id in (Notification.objects.get().id, uuid4()):
            denied = stranger.post(f"notifications/{notification_id}/read/")
            assert (denied.status, denied.json["code"]) == (404, "notification_not_found")
        assert Notification.objects.get().read_at is None

    def test_marks_all_of_ones_own(self, as_user: SignIn):
        person, other = make_person(), make_person()
        tell(person, 3)
        tell(other)
        client = as_user(person)
        assert client.post("notifications/read-all/").json == {"read": 3}
        assert client.post("notifications/read-all/").json == {"read": 0}
        assert client.get("notifications/unread-count/").json == {"unread": 0}
        assert as_user(other).get("notifications/unread-count/").json == {"unread": 1}

    def test_counts_to_a_hundred(self, as_user: SignIn):
        person = make_person()
        Notification.objects.bulk_create(
            Notification(user_id=person.id, kind="welcome", source_id=uuid4(), facts={}) for _ in range(120)
        )
        assert as_user(person).get("notifications/unread-count/").json == {"unread": 100}


class TestPreferences:
    def test_name_every_kind_and_way_that_may_be_switched_off(self, as_user: SignIn):
        shown = as_user(make_person(locale="de")).get("notifications/preferences/").json["preferences"]
        assert [(item["kind"], item["channel"]) for item in shown] == optional()
        assert {item["is_on"] for item in shown} == {True}
        assert {item["name"] for item in shown if item["kind"] == "badge"} == {"Abzeichen"}
        assert "password_changed" not in {item["kind"] for item in shown}

    @pytest.mark.parametrize(("channel", "mails", "entries"), [("mail", 0, 1), ("in_app", 1, 0)])
    def test_switch_one_way_off(self, as_user: SignIn, channel: str, mails: int, entries: int):
        person = make_person()
        wish = {"preferences": [{"kind": "badge", "channel": channel, "is_on": False}]}
        answer = as_user(person).put("notifications/preferences/", wish)
        assert answer.status == 200
        off = [item for item in answer.json["preferences"] if not item["is_on"]]
        assert [(item["kind"], item["channel"]) for item in off] == [("badge", channel)]
        tell(person)
        assert (Mail.objects.count(), Notification.objects.count()) == (mails, entries)
        state_fact(EmailVerified(user_id=person.id))
        work()
        assert (Mail.objects.count(), Notification.objects.count()) == (mails + 1, entries + 1)

    def test_switch_it_on_again(self, as_user: SignIn):
        client = as_user(make_person())
        for is_on in (False, False, True, True):
            wish = {"preferences": [{"kind": "badge", "channel": "mail", "is_on": is_on}]}
            assert client.put("notifications/preferences/", wish).status == 200
            assert Preference.objects.count() == (0 if is_on else 1)

    @pytest.mark.parametrize(
        "item",
        [
            {"kind": "password_changed", "channel": "mail", "is_on": False},
            {"kind": "suspicious_login", "channel": "in_app", "is_on": False},
            {"kind": "unheard_of", "channel": "mail", "is_on": False},
            {"kind": "badge", "channel": "pigeon", "is_on": False},
        ],
    )
    def test_leave_news_of_the_account_on(self, as_user: SignIn, item: dict[str, Any]):
        person = make_person()
        answer = as_user(person).put("notifications/preferences/", {"preferences": [item]})
        assert (answer.status, answer.json["code"]) == (400, "invalid")
        assert Preference.objects.count() == 0
        state_fact(PasswordChanged(user_id=person.id, epoch=2, kept_session_id=None))
        work()
        assert (Mail.objects.count(), Notification.objects.count()) == (1, 1)

    def test_are_each_persons_own(self, as_user: SignIn):
        quiet, other = make_person(), make_person()
        wish = {"preferences": [{"kind": "badge", "channel": "mail", "is_on": False}]}
        as_user(quiet).put("notifications/preferences/", wish)
        tell(other)
        assert Mail.objects.get().user_id == other.id


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "notifications/"),
        ("GET", "notifications/unread-count/"),
        ("POST", "notifications/read-all/"),
        ("GET", "notifications/preferences/"),
        ("PUT", "notifications/preferences/"),
    ],
)
def test_strangers_without_a_name_are_asked_to_log_in(client: Client, method: str, path: str):
    assert client.request(method, path).status == 401


@pytest.mark.django_db(transaction=True)
def test_the_same_fact_heard_by_many_at_once_is_told_once(race: Callable[..., list[Any]]):
    person, source_id = make_person(), uuid4()
    race(lambda _: actions.notify(kind=Kind.WELCOME, user_id=person.id, source_id=source_id, now=now()), 8)
    assert (Mail.objects.count(), Notification.objects.count()) == (1, 1)
