"""Working through a course over HTTP."""

from typing import Any
from uuid import UUID

import pytest

from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.enrollments.events import CourseCompleted, LessonCompleted
from apps.enrollments.models import LessonProgress
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import NOON, complete_lesson, enrol, teacher_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
NOWHERE = UUID(int=7)


class TestProgress:
    def test_shows_each_lesson_of_the_course(self, as_user: Any) -> None:
        learner, course = make_person(), make_course(lessons=2)
        enrolled, (first, second) = enrol(learner, course), lesson_ids(course.id)
        complete_lesson(enrolled, first)
        answer = as_user(learner).get(f"enrollments/{enrolled.id}/progress/")
        assert answer.status == 200
        assert answer.json["enrollment"]["percent"] == 50
        (module,) = answer.json["modules"]
        assert [(lesson["id"], lesson["completed_at"]) for lesson in module["lessons"]] == [
            (str(first), "2026-11-18T12:00:00Z"),
            (str(second), None),
        ]
        assert answer.json["resume"] == {"lesson_id": str(second), "position_seconds": 0}


class TestWorkingOnALesson:
    def put(self, client: Any, enrolled: Any, lesson_id: UUID, **body: Any) -> Any:
        return client.put(f"enrollments/{enrolled.id}/lessons/{lesson_id}/", json=body)

    def test_keeps_the_position(self, as_user: Any, published: Any) -> None:
        learner, course = make_person(), make_course(lessons=2)
        enrolled, (first, _) = enrol(learner, course), lesson_ids(course.id)
        answer = self.put(as_user(learner), enrolled, first, completed=False, position_seconds=310)
        assert answer.status == 200
        assert answer.json == {
            "lesson_id": str(first),
            "completed_at": None,
            "position_seconds": 310,
            "state": "active",
            "percent": 0,
            "completed_lessons": 0,
            "required_lessons": 2,
        }
        assert published(LessonCompleted) == []

    def test_completes_it_once(self, as_user: Any, published: Any) -> None:
        learner, course = make_person(), make_course(lessons=2)
        enrolled, (first, _) = enrol(learner, course), lesson_ids(course.id)
        answers = [self.put(as_user(learner), enrolled, first, completed=True, position_seconds=600) for _ in range(3)]
        assert [(answer.status, answer.json["percent"]) for answer in answers] == [(200, 50)] * 3
        assert len({answer.json["completed_at"] for answer in answers}) == 1
        assert published(LessonCompleted) == [
            LessonCompleted(enrollment_id=enrolled.id, user_id=learner.id, course_id=course.id, lesson_id=first)
        ]

    def test_never_takes_a_completion_back(self, as_user: Any) -> None:
        learner, course = make_person(), make_course(lessons=2)
        enrolled, (first, _) = enrol(learner, course), lesson_ids(course.id)
        complete_lesson(enrolled, first)
        answer = self.put(as_user(learner), enrolled, first, completed=False, position_seconds=5)
        assert (answer.json["completed_at"], answer.json["position_seconds"]) == ("2026-11-18T12:00:00Z", 5)
        assert answer.json["percent"] == 50

    def test_completes_the_course_with_the_last_required_lesson_once(self, as_user: Any, published: Any) -> None:
        learner, course = make_person(), make_course(lessons=2)
        enrolled, (first, second) = enrol(learner, course), lesson_ids(course.id)
        self.put(as_user(learner), enrolled, second, completed=True)
        assert published(CourseCompleted) == []
        for _ in range(2):
            answer = self.put(as_user(learner), enrolled, first, completed=True)
            assert (answer.json["state"], answer.json["percent"]) == ("completed", 100)
        (fact,) = published(CourseCompleted)
        assert (fact.enrollment_id, fact.user_id, fact.course_id) == (enrolled.id, learner.id, course.id)
        assert enrollments.get_enrollment(enrollment_id=enrolled.id).completed_at == fact.completed_at

    def test_does_not_ask_for_optional_lessons(self, as_user: Any) -> None:
        learner, course = make_person(), make_course(lessons=2)
        first, second = lesson_ids(course.id)
        courses.edit_lesson(lesson_id=second, is_required=False, by=course.author_id, now=NOON)
        enrolled = enrol(learner, course)
        optional = self.put(as_user(learner), enrolled, second, completed=True).json
        assert (optional["percent"], optional["required_lessons"]) == (0, 1)
        assert self.put(as_user(learner), enrolled, first, completed=True).json["state"] == "completed"

    def test_asks_for_its_quiz_to_be_passed_first(self, as_user: Any, published: Any) -> None:
        learner, course = make_person(), make_course(lessons=1)
        (lesson,) = lesson_ids(course.id)
        courses.set_needs_quiz(lesson_id=lesson, needs_quiz=True, now=NOON)
        enrolled = enrol(learner, course)
        answer = self.put(as_user(learner), enrolled, lesson, completed=True, position_seconds=9)
        assert (answer.status, answer.json["code"]) == (409, "quiz_not_passed")
        assert not LessonProgress.objects.exists()
        assert published(LessonCompleted) == []
        assert self.put(as_user(learner), enrolled, lesson, completed=False, position_seconds=9).status == 200
        result = {"user_id": learner.id, "lesson_id": lesson, "course_id": course.id, "now": NOON}
        enrollments.record_quiz_result(**result, passed=False)
        assert self.put(as_user(learner), enrolled, lesson, completed=True).status == 409
        enrollments.record_quiz_result(**result, passed=True)
        enrollments.record_quiz_result(**result, passed=False)
        answer = self.put(as_user(learner), enrolled, lesson, completed=True)
        assert (answer.status, answer.json["state"], answer.json["position_seconds"]) == (200, "completed", 9)

    def test_finds_no_lesson_of_another_course(self, as_user: Any) -> None:
        learner, course = make_person(), make_course()
        enrolled = enrol(learner, course)
        (other, *_) = lesson_ids(make_course().id)
        answer = self.put(as_user(learner), enrolled, other, completed=True)
        assert (answer.status, answer.json["code"]) == (404, "lesson_not_in_course")
        assert self.put(as_user(learner), enrolled, NOWHERE, completed=True).status == 404
        assert not LessonProgress.objects.exists()

    def test_is_hidden_from_everyone_else(self, as_user: Any, client: Any) -> None:
        course = make_course()
        enrolled, (lesson, *_) = enrol(make_person(), course), lesson_ids(course.id)
        fellow = make_person()
        enrol(fellow, course)
        for stranger in (make_person(), fellow, teacher_of(course), make_person(roles={"staff"})):
            assert self.put(as_user(stranger), enrolled, lesson, completed=True).status == 404
        assert self.put(client, enrolled, lesson, completed=True).status == 401
        assert not LessonProgress.objects.exists()

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"completed": "perhaps"}, "completed"),
            ({"position_seconds": -1}, "position_seconds"),
            ({"position_seconds": 10**9}, "position_seconds"),
        ],
    )
    def test_refuses_what_is_not_valid(self, as_user: Any, body: dict[str, Any], field: str) -> None:
        learner, course = make_person(), make_course()
        enrolled, (lesson, *_) = enrol(learner, course), lesson_ids(course.id)
        answer = self.put(as_user(learner), enrolled, lesson, **body)
        assert (answer.status, list(answer.json["errors"])) == (400, [field])
        assert not LessonProgress.objects.exists()
