"""The queue of reported reviews: who waits longest first, with all that a decision needs, and the deeds beside it."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.notifications.models import Notification
from apps.reviews import actions
from apps.reviews.models import Review, ReviewReport
from apps.reviews.types import Reason
from learninghub.audit.models import AuditEntry
from tests.support.courses import make_course
from tests.support.desk import carry_out, desk_of
from tests.support.enrollments import NOON
from tests.support.facts import deliver_all
from tests.support.people import make_person
from tests.support.reviews import disagreements, make_learner, make_review, report, review

pytestmark = pytest.mark.django_db
QUEUE = "/admin/reviews/review/queue/"


@pytest.fixture
def course() -> Any:
    return make_course(lessons=1, title="Algebra")


def reported(course: Any, *, hours_ago: int = 0, note: str = "", text: str = "Buy pills.", **author: Any) -> Review:
    one = review(make_learner(course, **author), course, rating=2, text=text)
    teller = make_learner(course, display_name="Tess", email=f"tess{hours_ago}@example.org")
    moment = NOON - timedelta(hours=hours_ago)
    actions.report_review(review_id=one, reason=Reason.SPAM, note=note, by=teller.id, now=moment)
    return Review.objects.get(id=one)


def waiting(desk: Client) -> list[Any]:
    return [case.review.id for case in desk.get(QUEUE).context["cases"]]


class TestTheQueue:
    def test_has_the_longest_waiting_first_and_nothing_that_does_not_wait(self, desk: Client, course: Any):
        late, early, withdrawn = (reported(course, hours_ago=hours) for hours in (1, 3, 2))
        make_review(course)
        actions.withdraw_review(review_id=withdrawn.id, now=NOON)
        assert waiting(desk) == [early.id, late.id]

    def test_shows_the_text_its_author_and_who_said_what_of_it(self, desk: Client, course: Any):
        reported(course, note="It is <b>all</b> adverts.", display_name="Ada", email="ada@example.org")

        page = desk.get(QUEUE).content.decode()

        read = html.unescape(re.sub(r"<[^>]+>", "", page))
        for told in ("Algebra, 2 of 5", "Ada <ada@example.org>", "Buy pills.", "spam: It is <b>all</b> adverts. (Tess"):
            assert told in read, told
        assert "<b>all</b>" not in page

    def test_gives_the_oldest_its_access_keys(self, desk: Client, course: Any):
        reported(course, hours_ago=1)
        oldest = reported(course, hours_ago=2)
        keys = re.findall(
            r'href="\.\./([0-9a-f-]{36})/([a-z]+)/[^"]*" accesskey="(.)"', desk.get(QUEUE).content.decode()
        )
        assert keys == [(str(oldest.id), "hide", "h"), (str(oldest.id), "restore", "k")]

    def test_costs_the_same_for_3_and_15(self, desk: Client, course: Any, queries_of: Any):
        for hours in range(3):
            reported(course, hours_ago=hours)
        few = queries_of(lambda: waiting(desk))
        for hours in range(3, 15):
            reported(course, hours_ago=hours)
        assert (queries_of(lambda: waiting(desk)), len(waiting(desk))) == (few, 15)

    @pytest.mark.parametrize("role", ["student", "instructor"])
    def test_is_for_staff_alone(self, role: str):
        answer = desk_of(make_person(roles={role})).get(QUEUE)
        assert (answer.status_code, answer.headers["Location"].startswith("/admin/login/")) == (302, True)


class TestADecision:
    def test_to_hide_settles_it_tells_the_author_why_and_leads_back_to_the_queue(self, desk: Client, course: Any):
        bad = reported(course)
        deliver_all()

        answer = carry_out(desk, bad, "hide", asked_from=QUEUE, reason="spam", note="An advertisement.")
        deliver_all()

        assert (answer.status_code, answer.headers["Location"]) == (302, QUEUE)
        bad.refresh_from_db()
        assert (bad.hidden_for, waiting(desk)) == ("spam", [])
        assert ReviewReport.objects.get(review=bad).settled_at is not None
        assert AuditEntry.objects.get(subject_id=bad.id).reason == "An advertisement."
        [news] = Notification.objects.filter(user_id=bad.author_id, kind="review_hidden")
        assert (news.facts["reason"], news.facts["course_id"]) == ("spam", str(course.id))
        assert disagreements() == []

    def test_to_keep_it_dismisses_the_reports_and_tells_nobody(self, desk: Client, course: Any):
        good = reported(course)
        deliver_all()

        carry_out(desk, good, "restore", asked_from=QUEUE, note="It is rude and true.")
        deliver_all()

        good.refresh_from_db()
        assert (good.hidden_for, good.reported_at, waiting(desk)) == ("", None, [])
        assert AuditEntry.objects.get(subject_id=good.id).action == "reviews.restored"
        assert not Notification.objects.filter(user_id=good.author_id, kind__startswith="review_").exists()
        assert desk.get(f"/admin/reviews/review/{good.id}/restore/").status_code == 404

    def test_to_show_it_again_tells_the_author(self, desk: Client, course: Any):
        doubted = reported(course)
        carry_out(desk, doubted, "hide", reason="spam", note="An advertisement.")

        carry_out(desk, doubted, "restore", note="It was none.")
        deliver_all()

        doubted.refresh_from_db()
        assert doubted.hidden_for == ""
        assert Notification.objects.filter(user_id=doubted.author_id, kind="review_restored").count() == 1
        entries = AuditEntry.objects.filter(subject_id=doubted.id).order_by("id")
        assert [entry.reason for entry in entries] == ["An advertisement.", "It was none."]

    def test_leads_to_no_other_site(self, desk: Client, course: Any):
        bad = reported(course)
        answer = carry_out(desk, bad, "hide", asked_from="https://elsewhere.example/", reason="spam", note="Spam.")
        assert answer.headers["Location"] == f"/admin/reviews/review/{bad.id}/change/"

    def test_of_what_many_reported_and_hid_is_asked_for_too(self, desk: Client, course: Any):
        bad = reported(course)
        report(bad.id, *(make_learner(course) for _ in range(2)))
        bad.refresh_from_db()
        assert (bad.hidden_for, waiting(desk)) == ("reports", [bad.id])
        assert "Show it again" in desk.get(QUEUE).content.decode()
