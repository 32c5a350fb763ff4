"""Saying how a course is, changing one's mind, and taking it back, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from apps.courses import api as courses
from apps.courses.types import CourseCard
from apps.enrollments import api as enrollments
from apps.reviews.events import RatingChanged, ReviewPosted
from apps.reviews.models import Review, ReviewChange
from apps.users.types import Person
from learninghub.clock import now
from tests.support.courses import make_course
from tests.support.enrollments import NOON, complete_course, enrol, teacher_of
from tests.support.people import make_person
from tests.support.reviews import disagreements, make_learner, make_review, report, review

pytestmark = pytest.mark.django_db


class TestPost:
    def test_shows_the_review_to_everyone(self, client: Any, as_user: Any, course: CourseCard, published: Any) -> None:
        learner = make_learner(course, display_name="Ada")
        with time_machine.travel(NOON, tick=False):
            answer = as_user(learner).post(
                "reviews/", {"course_id": str(course.id), "rating": 5, "text": " One\r\nTwo \u202e"}
            )
        assert answer.status == 201
        shown = {
            "id": answer.json["id"],
            "course_id": str(course.id),
            "author_id": str(learner.id),
            "author_name": "Ada",
            "rating": 5,
            "text": "One\nTwo",
            "posted_at": "2026-11-18T12:00:00Z",
            "edited_at": None,
            "reply": "",
            "replied_at": None,
        }
        assert answer.json == {**shown, "state": "shown", "hidden_for": ""}
        assert client.get("reviews/", course_id=course.id).json["results"] == [shown]
        (posted,) = published(ReviewPosted)
        assert (posted.course_id, posted.author_id, posted.rating) == (course.id, learner.id, 5)
        assert disagreements() == []

    def test_needs_no_words(self, as_user: Any, course: CourseCard) -> None:
        answer = as_user(make_learner(course)).post("reviews/", {"course_id": str(course.id), "rating": 1})
        assert (answer.status, answer.json["text"]) == (201, "")

    @pytest.mark.parametrize(
        "body", [{"rating": 0}, {"rating": 6}, {"rating": "x"}, {}, {"rating": 3, "text": "x" * 5001}], ids=str
    )
    def test_refuses_what_is_no_review(self, as_user: Any, course: CourseCard, body: dict[str, Any]) -> None:
        answer = as_user(make_learner(course)).post("reviews/", {"course_id": str(course.id), **body})
        assert (answer.status, answer.json["code"]) == (400, "invalid")
        assert not Review.objects.exists()

    def test_is_done_once_a_course(self, as_user: Any, course: CourseCard) -> None:
        learner = make_learner(course)
        first = review(learner, course)
        answer = as_user(learner).post("reviews/", {"course_id": str(course.id), "rating": 1})
        assert (answer.status, answer.json["code"]) == (409, "already_reviewed")
        assert answer.json["review_id"] == str(first)
        assert Review.objects.get().rating == 4

    def test_with_a_key_is_done_once_and_answered_alike(self, as_user: Any, course: CourseCard) -> None:
        client = as_user(make_learner(course))
        answers = [
            client.post("reviews/", {"course_id": str(course.id), "rating": 3}, headers={"Idempotency-Key": "one"})
            for _ in range(2)
        ]
        assert [answer.status for answer in answers] == [201, 201]
        assert answers[0].json == answers[1].json
        assert ReviewChange.objects.count() == 1


class TestWhoMayJudge:
    def refused(self, client: Any, course: CourseCard) -> tuple[int, str]:
        answer = client.post("reviews/", {"course_id": str(course.id), "rating": 1})
        assert not Review.objects.exists()
        return answer.status, answer.json["code"]

    def test_is_who_has_done_a_tenth(self, as_user: Any, teacher: Person) -> None:
        long = make_course(author=teacher, lessons=10)
        begun = make_learner(long, lessons=0)
        answer = as_user(begun).post("reviews/", {"course_id": str(long.id), "rating": 1})
        assert (answer.status, answer.json["code"]) == (409, "too_early")
        assert (answer.json["percent"], answer.json["least_percent"]) == (0, 10)
        far = make_learner(long, lessons=1)
        assert as_user(far).post("reviews/", {"course_id": str(long.id), "rating": 1}).status == 201

    def test_is_nobody_who_does_not_take_it(self, as_user: Any, course: CourseCard) -> None:
        assert self.refused(as_user(make_person()), course) == (403, "not_learning")

    def test_is_nobody_who_has_left_it(self, as_user: Any, teacher: Person) -> None:
        course, learner = make_course(author=teacher, lessons=2), make_person()
        as_user(learner).post(f"enrollments/{enrol(learner, course).id}/withdraw/")
        assert self.refused(as_user(learner), course) == (403, "not_learning")

    def test_is_none_of_its_instructors(self, as_user: Any, course: CourseCard, teacher: Person) -> None:
        colleague = make_person(roles={"instructor"})
        courses.add_instructor(course_id=course.id, user_id=colleague.id, by=teacher.id, now=now())
        for person in (teacher, colleague):
            enrol(person, course)
            assert self.refused(as_user(person), course) == (403, "teaches_the_course")


class TestEdit:
    def test_changes_what_is_named_and_keeps_the_rest(self, as_user: Any, client: Any, course: CourseCard) -> None:
        learner = make_learner(course)
        review_id = review(learner, course, rating=2, text="Hm.", now=NOON)
        with time_machine.travel(NOON + timedelta(days=1), tick=False):
            answer = as_user(learner).patch(f"reviews/{review_id}/", {"rating": 5})
        assert (answer.status, answer.json["rating"], answer.json["text"]) == (200, 5, "Hm.")
        assert (answer.json["posted_at"], answer.json["edited_at"]) == ("2026-11-18T12:00:00Z", "2026-11-19T12:00:00Z")
        summary = client.get("reviews/summary/", course_id=course.id).json
        assert (summary["average"], summary["histogram"]) == (5.0, [0, 0, 0, 0, 1])
        assert disagreements() == []

    def test_to_the_same_is_nothing(self, as_user: Any, course: CourseCard, published: Any) -> None:
        learner = make_learner(course)
        review_id = review(learner, course, rating=4, text="Good.")
        answer = as_user(learner).patch(f"reviews/{review_id}/", {"rating": 4, "text": "Good."})
        assert (answer.status, answer.json["edited_at"]) == (200, None)
        assert (ReviewChange.objects.count(), len(published(RatingChanged))) == (1, 1)

    def test_of_the_words_leaves_the_rating_s_version(self, as_user: Any, course: CourseCard, published: Any) -> None:
        learner = make_learner(course)
        review_id = review(learner, course)
        assert as_user(learner).patch(f"reviews/{review_id}/", {"text": "Better."}).status == 200
        assert [fact.version for fact in published(RatingChanged)] == [1]

    def test_needs_access_still(self, as_user: Any, course: CourseCard, teacher: Person) -> None:
        course = make_course(author=teacher, lessons=2)
        learner = make_learner(course)
        review_id = review(learner, course, rating=5)
        enrollment = enrollments.find_enrollment(user_id=learner.id, course_id=course.id)
        assert enrollment
        as_user(learner).post(f"enrollments/{enrollment.id}/withdraw/")
        assert as_user(learner).patch(f"reviews/{review_id}/", {"rating": 1}).json["code"] == "not_learning"
        assert Review.objects.get().rating == 5
        assert as_user(learner).delete(f"reviews/{review_id}/").status == 204


class TestWithdraw:
    def test_takes_it_out_of_the_list_and_the_rating_and_keeps_the_row(
        self, as_user: Any, client: Any, course: CourseCard
    ) -> None:
        learner = make_learner(course)
        review_id = review(learner, course)
        for _ in range(2):
            assert as_user(learner).delete(f"reviews/{review_id}/").status == 204
        assert client.get("reviews/", course_id=course.id).json["results"] == []
        assert client.get("reviews/summary/", course_id=course.id).json["count"] == 0
        (mine,) = as_user(learner).get("reviews/mine/").json["results"]
        assert (mine["id"], mine["state"]) == (str(review_id), "withdrawn")
        assert disagreements() == []

    @pytest.mark.parametrize("way", ["post", "patch"])
    def test_leaves_room_for_another_try(
        self, as_user: Any, client: Any, course: CourseCard, published: Any, way: str
    ) -> None:
        learner = make_learner(course)
        review_id = review(learner, course, rating=2)
        as_user(learner).delete(f"reviews/{review_id}/")
        if way == "post":
            answer = as_user(learner).post("reviews/", {"course_id": str(course.id), "rating": 5, "text": "New."})
        else:
            answer = as_user(learner).patch(f"reviews/{review_id}/", {"rating": 5, "text": "New."})
        assert (answer.json["id"], answer.json["state"], answer.json["rating"]) == (str(review_id), "shown", 5)
        assert [row["text"] for row in client.get("reviews/", course_id=course.id).json["results"]] == ["New."]
        assert len(published(ReviewPosted)) == 1
        assert disagreements() == []

    def test_does_not_wash_away_reports_or_a_staff_s_word(
        self, as_user: Any, client: Any, staff: Any, course: CourseCard
    ) -> None:
        learner = make_learner(course)
        review_id = review(learner, course)
        report(review_id, make_person())
        staff.post(f"reviews/{review_id}/moderate/", {"decision": "hide", "reason": "spam", "note": "An advert."})
        as_user(learner).delete(f"reviews/{review_id}/")
        again = as_user(learner).post("reviews/", {"course_id": str(course.id), "rating": 5})
        assert (again.status, again.json["state"], again.json["hidden_for"]) == (201, "hidden", "spam")
        assert client.get("reviews/", course_id=course.id).json["results"] == []
        assert disagreements() == []


class TestHistory:
    def test_says_what_happened_to_the_author_and_to_staff(self, as_user: Any, staff: Any, course: CourseCard) -> None:
        learner = make_learner(course)
        review_id = review(learner, course, rating=1, text="Bad.")
        mine = as_user(learner)
        mine.patch(f"reviews/{review_id}/", {"rating": 3, "text": "Better."})
        mine.delete(f"reviews/{review_id}/")
        mine.patch(f"reviews/{review_id}/", {})
        staff.post(
            f"reviews/{review_id}/moderate/", {"decision": "hide", "reason": "off_topic", "note": "For the log."}
        )
        staff.post(f"reviews/{review_id}/moderate/", {"decision": "restore", "note": "A mistake."})
        told = mine.get(f"reviews/{review_id}/history/").json["results"]
        assert [(row["what"], row["rating"], row["text"], row["reason"]) for row in reversed(told)] == [
            ("posted", 1, "Bad.", ""),
            ("edited", 3, "Better.", ""),
            ("withdrawn", 3, "Better.", ""),
            ("edited", 3, "Better.", ""),
            ("hidden", 3, "Better.", "off_topic"),
            ("restored", 3, "Better.", ""),
        ]
        assert "For the log." not in str(told)
        assert staff.get(f"reviews/{review_id}/history/").json["results"] == told
        assert as_user(teacher_of(course)).get(f"reviews/{review_id}/history/").status == 404


class TestMine:
    def test_are_my_own_newest_first(self, as_user: Any, teacher: Person) -> None:
        learner = make_person()
        made = []
        for day in range(3):
            course = make_course(author=teacher, lessons=1)
            complete_course(enrol(learner, course))
            made.append(str(review(learner, course, now=NOON + timedelta(days=day))))
            make_review(course)
        assert [row["id"] for row in as_user(learner).get("reviews/mine/").json["results"]] == made[::-1]
