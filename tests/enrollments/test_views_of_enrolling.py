"""Coming into a course, leaving it, and finding the next one, over HTTP."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine

from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.enrollments.events import AccessRevoked, LearnerEnrolled
from apps.enrollments.models import Enrollment, LessonProgress, TrackedCourse
from apps.enrollments.types import EnrollmentState
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import NOON, complete_course, complete_lesson, enrol, teacher_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
NOWHERE = UUID(int=7)


class TestEnrolling:
    def test_gives_access_and_tells_it_once(self, as_user: Any, published: Any) -> None:
        learner, course = make_person(), make_course(lessons=3)
        with time_machine.travel(NOON, tick=False):
            answer = as_user(learner).post("enrollments/", json={"course_id": str(course.id)})
        assert answer.status == 201
        assert answer.json | {"id": None} == {
            "id": None,
            "course_id": str(course.id),
            "state": "active",
            "source": "free",
            "percent": 0,
            "completed_lessons": 0,
            "required_lessons": 3,
            "enrolled_at": "2026-11-18T12:00:00Z",
            "completed_at": None,
        }
        assert enrollments.has_access(user_id=learner.id, course_id=course.id)
        enrolled = UUID(answer.json["id"])
        assert published(LearnerEnrolled) == [
            LearnerEnrolled(enrollment_id=enrolled, user_id=learner.id, course_id=course.id, source="free")
        ]

    def test_is_open_to_the_unverified(self, as_user: Any) -> None:
        learner, course = make_person(verified=False), make_course()
        assert as_user(learner).post("enrollments/", json={"course_id": str(course.id)}).status == 201

    def test_a_second_time_is_refused_and_changes_nothing(self, as_user: Any, published: Any) -> None:
        learner, course = make_person(), make_course()
        first = as_user(learner).post("enrollments/", json={"course_id": str(course.id)})
        second = as_user(learner).post("enrollments/", json={"course_id": str(course.id)})
        assert (second.status, second.json["code"]) == (409, "already_enrolled")
        assert second.json["enrollment_id"] == first.json["id"]
        assert (Enrollment.objects.count(), len(published(LearnerEnrolled))) == (1, 1)
        assert TrackedCourse.objects.get().taken == 1

    def test_a_second_time_by_the_same_key_is_answered_alike(self, as_user: Any) -> None:
        learner, course = make_person(), make_course()
        key = {"Idempotency-Key": "a-double-click"}
        answers = [
            as_user(learner).post("enrollments/", json={"course_id": str(course.id)}, headers=key) for _ in range(2)
        ]
        assert [answer.status for answer in answers] == [201, 201]
        assert answers[0].json == answers[1].json
        assert Enrollment.objects.count() == 1

    def test_in_a_paid_course_names_the_checkout(self, as_user: Any) -> None:
        learner, course = make_person(), make_course(price_amount=4900, currency="EUR")
        answer = as_user(learner).post("enrollments/", json={"course_id": str(course.id)})
        assert (answer.status, answer.json["code"]) == (402, "course_not_paid")
        assert answer.json["checkout"] == "/api/v1/payments/checkout/"
        assert (answer.json["course_id"], answer.json["amount"], answer.json["currency"]) == (
            str(course.id),
            4900,
            "EUR",
        )
        assert not Enrollment.objects.exists()

    def test_in_a_draft_finds_nothing(self, as_user: Any) -> None:
        course = make_course(published=False)
        answer = as_user(make_person()).post("enrollments/", json={"course_id": str(course.id)})
        assert (answer.status, answer.json["code"]) == (404, "course_not_found")
        assert not Enrollment.objects.exists()

    def test_in_an_archived_course_is_refused(self, as_user: Any) -> None:
        course = make_course()
        courses.archive_course(course_id=course.id, by=course.author_id, now=NOON)
        answer = as_user(make_person()).post("enrollments/", json={"course_id": str(course.id)})
        assert (answer.status, answer.json["code"]) == (409, "course_not_open")
        assert not Enrollment.objects.exists()

    def test_in_no_course_finds_nothing(self, as_user: Any) -> None:
        answer = as_user(make_person()).post("enrollments/", json={"course_id": str(NOWHERE)})
        assert (answer.status, answer.json["code"]) == (404, "course_not_found")

    def test_without_a_course_is_invalid(self, as_user: Any) -> None:
        answer = as_user(make_person()).post("enrollments/", json={"course_id": "mathematics"})
        assert (answer.status, list(answer.json["errors"])) == (400, ["course_id"])

    def test_in_a_full_course_is_refused(self, as_user: Any) -> None:
        course = make_course(capacity=1)
        enrol(make_person(), course)
        answer = as_user(make_person()).post("enrollments/", json={"course_id": str(course.id)})
        assert (answer.status, answer.json["code"]) == (409, "seats_exhausted")
        assert (Enrollment.objects.count(), TrackedCourse.objects.get().taken) == (1, 1)

    def test_needs_a_name(self, client: Any) -> None:
        course = make_course()
        assert client.post("enrollments/", json={"course_id": str(course.id)}).status == 401
        assert not Enrollment.objects.exists()


class TestMyEnrollments:
    def test_are_listed_newest_first_with_their_courses(self, as_user: Any) -> None:
        learner = make_person()
        titles = ["Algebra", "Botany", "Chemistry"]
        for day, title in enumerate(titles, start=1):
            enrol(learner, make_course(title=title), now=datetime(2026, 11, day, tzinfo=UTC))
        enrol(make_person(), make_course(title="Someone else's"))
        first = as_user(learner).get("enrollments/", page_size=2).json
        assert [row["course"]["title"] for row in first["results"]] == ["Chemistry", "Botany"]
        second = as_user(learner).get(first["next"]).json
        assert [row["course"]["title"] for row in second["results"]] == ["Algebra"]
        assert second["next"] is None

    def test_can_be_asked_for_by_state(self, as_user: Any) -> None:
        learner, done = make_person(), make_course(title="Done", lessons=1)
        complete_course(enrol(learner, done))
        enrol(learner, make_course(title="Begun"))
        found = as_user(learner).get("enrollments/", state="completed").json
        assert [row["course"]["title"] for row in found["results"]] == ["Done"]
        assert as_user(learner).get("enrollments/", state="asleep").status == 400

    def test_need_a_name(self, client: Any) -> None:
        assert client.get("enrollments/").status == 401


class TestOneEnrollment:
    def test_tells_where_to_go_on(self, as_user: Any) -> None:
        learner, course = make_person(), make_course(lessons=3)
        enrolled, (first, second, _) = enrol(learner, course), lesson_ids(course.id)
        complete_lesson(enrolled, first)
        enrollments.record_progress(
            enrollment_id=enrolled.id, lesson_id=second, by=learner.id, completed=False, position_seconds=42, now=NOON
        )
        answer = as_user(learner).get(f"enrollments/{enrolled.id}/")
        assert answer.status == 200
        assert answer.json["resume"] == {"lesson_id": str(second), "position_seconds": 42}
        assert (answer.json["percent"], answer.json["course"]["id"]) == (33, str(course.id))
        assert answer.json["last_active_at"] == "2026-11-18T12:00:00Z"

    @pytest.mark.parametrize("path", ["", "progress/"])
    def test_is_hidden_from_everyone_else(self, as_user: Any, client: Any, path: str) -> None:
        course = make_course()
        enrolled = enrol(make_person(), course)
        address = f"enrollments/{enrolled.id}/{path}"
        for stranger in (make_person(), teacher_of(course), make_person(roles={"staff"})):
            assert as_user(stranger).get(address).status == 404
        assert client.get(address).status == 401


class TestWithdrawing:
    def test_ends_access_frees_the_seat_and_tells_it_once(self, as_user: Any, published: Any) -> None:
        learner, course = make_person(), make_course(capacity=1, lessons=2)
        enrolled, (first, _) = enrol(learner, course), lesson_ids(course.id)
        complete_lesson(enrolled, first)
        answers = [as_user(learner).post(f"enrollments/{enrolled.id}/withdraw/") for _ in range(2)]
        assert [(answer.status, answer.json["state"]) for answer in answers] == [(200, "withdrawn")] * 2
        assert not enrollments.has_access(user_id=learner.id, course_id=course.id)
        assert published(AccessRevoked) == [
            AccessRevoked(enrollment_id=enrolled.id, user_id=learner.id, course_id=course.id, reason="withdrawn")
        ]
        tracked = TrackedCourse.objects.get()
        assert (tracked.taken, tracked.percent_sum, tracked.lessons.get(pk=first).completions) == (0, 0, 0)
        enrol(make_person(), course)

    def test_stops_progress(self, as_user: Any) -> None:
        learner, course = make_person(), make_course()
        enrolled, (lesson, *_) = enrol(learner, course), lesson_ids(course.id)
        as_user(learner).post(f"enrollments/{enrolled.id}/withdraw/")
        answer = as_user(learner).put(f"enrollments/{enrolled.id}/lessons/{lesson}/", json={"completed": True})
        assert (answer.status, answer.json["code"]) == (409, "enrollment_ended")
        assert not LessonProgress.objects.exists()

    def test_and_coming_back_goes_on_where_one_was(self, as_user: Any, published: Any) -> None:
        learner, course = make_person(), make_course(lessons=2)
        enrolled, (first, second) = enrol(learner, course), lesson_ids(course.id)
        complete_lesson(enrolled, first)
        as_user(learner).post(f"enrollments/{enrolled.id}/withdraw/")
        back = as_user(learner).post("enrollments/", json={"course_id": str(course.id)})
        assert (back.status, back.json["id"], back.json["percent"]) == (201, str(enrolled.id), 50)
        assert len(published(LearnerEnrolled)) == 2
        tracked = TrackedCourse.objects.get()
        assert (tracked.taken, tracked.percent_sum, tracked.lessons.get(pk=first).completions) == (1, 50, 1)
        assert complete_lesson(enrolled, second).is_course_finished

    def test_from_a_full_course_leaves_no_way_back(self, as_user: Any) -> None:
        learner, course = make_person(), make_course(capacity=1)
        enrolled = enrol(learner, course)
        as_user(learner).post(f"enrollments/{enrolled.id}/withdraw/")
        enrol(make_person(), course)
        answer = as_user(learner).post("enrollments/", json={"course_id": str(course.id)})
        assert (answer.status, answer.json["code"]) == (409, "seats_exhausted")
        assert enrollments.get_enrollment(enrollment_id=enrolled.id).state == EnrollmentState.WITHDRAWN
        assert TrackedCourse.objects.get().taken == 1

    def test_from_a_completed_course_is_refused(self, as_user: Any) -> None:
        learner, course = make_person(), make_course(lessons=1)
        enrolled = complete_course(enrol(learner, course))
        answer = as_user(learner).post(f"enrollments/{enrolled.id}/withdraw/")
        assert (answer.status, answer.json["code"]) == (409, "already_completed")
        assert enrollments.get_enrollment(enrollment_id=enrolled.id) == enrolled

    def test_is_for_the_learner_alone(self, as_user: Any, client: Any) -> None:
        course = make_course()
        enrolled = enrol(make_person(), course)
        for stranger in (make_person(), teacher_of(course), make_person(roles={"staff"})):
            assert as_user(stranger).post(f"enrollments/{enrolled.id}/withdraw/").status == 404
        assert client.post(f"enrollments/{enrolled.id}/withdraw/").status == 401
        assert enrollments.get_enrollment(enrollment_id=enrolled.id) == enrolled


class TestRecommendations:
    def titles(self, client: Any) -> list[tuple[str, int]]:
        answer = client.get("enrollments/recommendations/")
        assert answer.status == 200
        return [(row["course"]["title"], row["together"]) for row in answer.json["results"]]

    def test_are_what_others_took_together_most_first(self, as_user: Any) -> None:
        algebra, botany, chemistry, drama = (
            make_course(title=title) for title in ["Algebra", "Botany", "Chemistry", "Drama"]
        )
        for taken in [(algebra, botany), (algebra, botany, chemistry), (drama,), (drama,), (drama,)]:
            person = make_person()
            for course in taken:
                enrol(person, course)
        learner = make_person()
        enrol(learner, algebra)
        assert self.titles(as_user(learner)) == [("Botany", 2), ("Chemistry", 1), ("Drama", 0)]

    def test_fall_back_to_the_popular(self, as_user: Any) -> None:
        popular, quiet = make_course(title="Popular"), make_course(title="Quiet")
        for course in (popular, popular, quiet):
            enrol(make_person(), course)
        assert self.titles(as_user(make_person())) == [("Popular", 0), ("Quiet", 0)]

    def test_leave_out_what_one_had_and_what_is_closed(self, as_user: Any) -> None:
        had, closed, left = make_course(title="Had"), make_course(title="Closed"), make_course(title="Left")
        learner, person = make_person(), make_person()
        for course in (had, closed, left):
            enrol(person, course)
        enrol(learner, had)
        enrolled = enrol(learner, left)
        as_user(learner).post(f"enrollments/{enrolled.id}/withdraw/")
        courses.archive_course(course_id=closed.id, by=closed.author_id, now=NOON)
        assert self.titles(as_user(learner)) == []

    def test_need_a_name(self, client: Any) -> None:
        assert client.get("enrollments/recommendations/").status == 401
