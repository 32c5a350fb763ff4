"""Reports, what staff make of them, answers and private feedback, over HTTP."""

from typing import Any

import pytest

from apps.courses.types import CourseCard
from apps.reviews.actions.moderation import REPORTS_OF_PERSON
from apps.reviews.actions.talking import FEEDBACK_OF_PERSON
from apps.reviews.events import FeedbackGiven, ReviewHidden, ReviewReplied, ReviewReported, ReviewRestored
from apps.reviews.models import Feedback, Review, ReviewReport
from apps.users.types import Person
from learninghub import audit
from learninghub.audit.models import AuditEntry
from tests.support.courses import make_course
from tests.support.enrollments import complete_course, enrol
from tests.support.people import make_person
from tests.support.reviews import disagreements, make_learner, make_review, report, review

pytestmark = pytest.mark.django_db
HIDE = {"decision": "hide", "reason": "abuse", "note": "Calls people names."}
RESTORE = {"decision": "restore", "note": "Only frank."}


def are_shown(client: Any, course: CourseCard) -> list[str]:
    return [row["id"] for row in client.get("reviews/", course_id=course.id).json["results"]]


class TestReport:
    def test_puts_the_review_before_staff_and_leaves_it_shown(
        self, client: Any, as_user: Any, staff: Any, course: CourseCard, published: Any
    ) -> None:
        review_id, reporter = make_review(course), make_person()
        body = {"reason": "spam", "note": "Sells watches."}
        assert as_user(reporter).post(f"reviews/{review_id}/report/", body).status == 204
        (waiting,) = staff.get("reviews/reports/").json["results"]
        assert (waiting["id"], waiting["state"], len(waiting["reports"])) == (str(review_id), "shown", 1)
        (said,) = waiting["reports"]
        assert (said["reporter_id"], said["reason"], said["note"], said["weighs"]) == (
            str(reporter.id),
            "spam",
            "Sells watches.",
            False,
        )
        assert [(fact.review_id, fact.reason) for fact in published(ReviewReported)] == [(review_id, "spam")]
        assert are_shown(client, course) == [str(review_id)]
        assert disagreements() == []

    def test_is_made_once_by_each(self, as_user: Any, course: CourseCard) -> None:
        review_id, reporter = make_review(course), make_person()
        report(review_id, reporter)
        answer = as_user(reporter).post(f"reviews/{review_id}/report/", {"reason": "abuse"})
        assert (answer.status, answer.json["code"]) == (409, "already_reported")
        assert ReviewReport.objects.count() == 1

    def test_is_not_made_of_one_s_own(self, as_user: Any, course: CourseCard) -> None:
        author = make_learner(course)
        answer = as_user(author).post(f"reviews/{review(author, course)}/report/", {"reason": "abuse"})
        assert (answer.status, answer.json["code"]) == (409, "own_review")
        assert not ReviewReport.objects.exists()

    def test_is_not_made_of_what_is_not_shown(self, as_user: Any, course: CourseCard) -> None:
        author = make_learner(course)
        review_id = review(author, course)
        as_user(author).delete(f"reviews/{review_id}/")
        assert as_user(make_person()).post(f"reviews/{review_id}/report/", {"reason": "abuse"}).status == 404

    @pytest.mark.parametrize("body", [{}, {"reason": "reports"}, {"reason": "dull"}], ids=str)
    def test_gives_a_reason_that_people_give(self, as_user: Any, course: CourseCard, body: dict[str, str]) -> None:
        assert as_user(make_person()).post(f"reviews/{make_review(course)}/report/", body).status == 400

    def test_is_made_ten_times_a_day(self, as_user: Any, course: CourseCard) -> None:
        client = as_user(make_person())
        made = [make_review(course) for _ in range(REPORTS_OF_PERSON.uses + 1)]
        answers = [client.post(f"reviews/{each}/report/", {"reason": "spam"}) for each in made]
        assert [answer.status for answer in answers] == [204] * 10 + [429]
        assert "Retry-After" in answers[-1].headers
        assert ReviewReport.objects.count() == 10


class TestThreeReports:
    def test_of_learners_hide_it_and_tell_its_author(self, client: Any, course: CourseCard, published: Any) -> None:
        review_id = make_review(course)
        report(review_id, make_learner(course), make_learner(course))
        assert are_shown(client, course) == [str(review_id)]
        report(review_id, make_learner(course))
        assert are_shown(client, course) == []
        assert client.get("reviews/summary/", course_id=course.id).json["count"] == 0
        assert [(fact.review_id, fact.reason) for fact in published(ReviewHidden)] == [(review_id, "reports")]
        assert disagreements() == []

    def test_of_strangers_or_of_its_teachers_hide_nothing(
        self, client: Any, course: CourseCard, teacher: Person
    ) -> None:
        review_id = make_review(course)
        complete_course(enrol(teacher, course))
        begun = make_learner(course, lessons=0)
        report(review_id, teacher, make_learner(course), make_learner(course), begun, make_person())
        assert are_shown(client, course) == [str(review_id)]

    def test_count_anew_once_staff_have_looked(self, client: Any, staff: Any, course: CourseCard) -> None:
        review_id = make_review(course)
        report(review_id, *(make_learner(course) for _ in range(3)))
        assert staff.post(f"reviews/{review_id}/moderate/", RESTORE).json["state"] == "shown"
        report(review_id, make_learner(course), make_learner(course))
        assert are_shown(client, course) == [str(review_id)]
        assert disagreements() == []


class TestModerate:
    def test_hides_with_a_reason_and_writes_it_down(
        self, client: Any, as_user: Any, staff: Any, course: CourseCard, published: Any
    ) -> None:
        author = make_learner(course)
        review_id = review(author, course)
        report(review_id, make_person(), make_person())
        answer = staff.post(f"reviews/{review_id}/moderate/", HIDE)
        assert (answer.status, answer.json["state"], answer.json["hidden_for"]) == (200, "hidden", "abuse")
        assert are_shown(client, course) == []
        assert staff.get("reviews/reports/").json["results"] == []
        (told,) = published(ReviewHidden)
        assert (told.author_id, told.reason) == (author.id, "abuse")
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.subject_id, entry.reason) == ("reviews.hidden", review_id, "Calls people names.")
        assert entry.details == {"reason": "abuse", "reports": 2}
        assert audit.verify() is None
        (mine,) = as_user(author).get("reviews/mine/").json["results"]
        assert mine["hidden_for"] == "abuse"
        assert disagreements() == []

    def test_shows_it_again(self, client: Any, staff: Any, course: CourseCard, published: Any) -> None:
        review_id = make_review(course)
        staff.post(f"reviews/{review_id}/moderate/", HIDE)
        answer = staff.post(f"reviews/{review_id}/moderate/", RESTORE)
        assert (answer.json["state"], answer.json["hidden_for"]) == ("shown", "")
        assert are_shown(client, course) == [str(review_id)]
        assert len(published(ReviewRestored)) == 1
        assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
            "reviews.hidden",
            "reviews.restored",
        ]
        assert disagreements() == []

    def test_settles_reports_of_what_is_fine(self, staff: Any, course: CourseCard, published: Any) -> None:
        review_id = make_review(course)
        report(review_id, make_person())
        assert staff.post(f"reviews/{review_id}/moderate/", RESTORE).status == 200
        assert staff.get("reviews/reports/").json["results"] == []
        assert (published(ReviewRestored), AuditEntry.objects.get().action) == ([], "reviews.restored")
        assert disagreements() == []

    def test_takes_the_reason_over_from_the_reports(self, staff: Any, course: CourseCard, published: Any) -> None:
        review_id = make_review(course)
        report(review_id, *(make_learner(course) for _ in range(3)))
        assert staff.post(f"reviews/{review_id}/moderate/", HIDE).json["hidden_for"] == "abuse"
        assert [fact.reason for fact in published(ReviewHidden)] == ["reports", "abuse"]
        assert disagreements() == []

    @pytest.mark.parametrize("body", [HIDE, RESTORE], ids=["hide", "restore"])
    def test_twice_is_once(self, staff: Any, course: CourseCard, published: Any, body: dict[str, str]) -> None:
        review_id = make_review(course)
        staff.post(f"reviews/{review_id}/moderate/", HIDE)
        staff.post(f"reviews/{review_id}/moderate/", body)
        before = AuditEntry.objects.count(), len(published(ReviewHidden)), len(published(ReviewRestored))
        assert staff.post(f"reviews/{review_id}/moderate/", body).status == 200
        assert (AuditEntry.objects.count(), len(published(ReviewHidden)), len(published(ReviewRestored))) == before

    @pytest.mark.parametrize(
        "body", [{}, {"decision": "hide", "note": "x"}, {**HIDE, "note": ""}, {**HIDE, "reason": "reports"}], ids=str
    )
    def test_says_why(self, staff: Any, course: CourseCard, body: dict[str, str]) -> None:
        assert staff.post(f"reviews/{make_review(course)}/moderate/", body).status == 400
        assert Review.objects.get().hidden_for == ""

    def test_lets_the_author_change_what_stays_hidden(self, as_user: Any, staff: Any, course: CourseCard) -> None:
        author = make_learner(course)
        review_id = review(author, course)
        staff.post(f"reviews/{review_id}/moderate/", HIDE)
        answer = as_user(author).patch(f"reviews/{review_id}/", {"rating": 5, "text": "Kinder."})
        assert (answer.status, answer.json["state"], answer.json["rating"]) == (200, "hidden", 5)
        assert disagreements() == []


class TestReply:
    def test_stands_beneath_the_review_and_may_be_put_better(
        self, client: Any, as_user: Any, course: CourseCard, teacher: Person, published: Any
    ) -> None:
        author = make_learner(course)
        review_id = review(author, course)
        for text in ("Thanks.", "Thank you.", "Thank you."):
            assert as_user(teacher).post(f"reviews/{review_id}/reply/", {"text": text}).json["reply"] == text
        (shown,) = client.get("reviews/", course_id=course.id).json["results"]
        assert shown["reply"] == "Thank you."
        assert shown["replied_at"] is not None
        assert [fact.author_id for fact in published(ReviewReplied)] == [author.id] * 2

    def test_is_not_given_to_what_is_not_shown(
        self, as_user: Any, staff: Any, course: CourseCard, teacher: Person
    ) -> None:
        review_id = make_review(course)
        staff.post(f"reviews/{review_id}/moderate/", HIDE)
        assert as_user(teacher).post(f"reviews/{review_id}/reply/", {"text": "Thanks."}).status == 404
        assert Review.objects.get().reply == ""

    @pytest.mark.parametrize("text", ["", "  ", "\u202e\u0007"], ids=["nothing", "spaces", "nothing to be seen"])
    def test_says_something(self, as_user: Any, course: CourseCard, teacher: Person, text: str) -> None:
        answer = as_user(teacher).post(f"reviews/{make_review(course)}/reply/", {"text": text})
        assert (answer.status, list(answer.json["errors"])) == (400, ["text"])


class TestFeedback:
    def test_is_read_by_the_team_and_staff_under_the_name_of_now(
        self, as_user: Any, staff: Any, course: CourseCard, teacher: Person, published: Any
    ) -> None:
        learner, address = make_learner(course, display_name="Ada"), f"reviews/courses/{course.id}/feedback/"
        sent = as_user(learner).post(address, {"text": "Too fast."})
        assert sent.status == 201
        (read,) = as_user(teacher).get(address).json["results"]
        assert (read["id"], read["author_name"], read["text"]) == (sent.json["id"], "Ada", "Too fast.")
        assert staff.get(address).json["results"] == [read]
        assert as_user(learner).get(address).status == 404
        assert as_user(make_person(roles={"instructor"})).get(address).status == 404
        assert [str(fact.feedback_id) for fact in published(FeedbackGiven)] == [sent.json["id"]]

    def test_comes_from_those_who_know_the_course(self, as_user: Any, course: CourseCard, teacher: Person) -> None:
        address = f"reviews/courses/{course.id}/feedback/"
        assert as_user(make_person()).post(address, {"text": "Hm."}).json["code"] == "not_learning"
        assert as_user(teacher).post(address, {"text": "Hm."}).json["code"] == "teaches_the_course"
        long = make_course(author=teacher, lessons=10)
        begun = make_learner(long, lessons=0)
        assert as_user(begun).post(f"reviews/courses/{long.id}/feedback/", {"text": "Hm."}).json["code"] == "too_early"
        assert not Feedback.objects.exists()

    def test_is_given_five_times_a_day(self, as_user: Any, course: CourseCard) -> None:
        client, address = as_user(make_learner(course)), f"reviews/courses/{course.id}/feedback/"
        answers = [client.post(address, {"text": "Hm."}) for _ in range(FEEDBACK_OF_PERSON.uses + 1)]
        assert [answer.status for answer in answers] == [201] * 5 + [429]
        assert Feedback.objects.count() == 5

    @pytest.mark.parametrize("text", ["", "\u202e"], ids=["nothing", "nothing to be seen"])
    def test_says_something(self, as_user: Any, course: CourseCard, text: str) -> None:
        assert (
            as_user(make_learner(course)).post(f"reviews/courses/{course.id}/feedback/", {"text": text}).status == 400
        )
