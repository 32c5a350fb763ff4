"""How many statements each route may run; `+` is what the doors of users and courses add."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps.courses.types import CourseCard
from apps.enrollments import actions
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import NOON, complete_lesson, enrol, teacher_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db

CARD = 1
PERSON = 1
OUTLINE = 1
TEACHES = 1


def answered(call: Callable[[], Any], status: int = 200) -> Callable[[], None]:
    def run() -> None:
        assert call().status == status

    return run


def tracked_course(**fields: Any) -> CourseCard:
    course = make_course(**fields)
    actions.follow_outline(course_id=course.id)
    return course


class TestWrites:
    def test_enrolling_takes_2(self, as_user: Any, queries_of: Any) -> None:
        course = tracked_course(capacity=5)
        client = as_user(make_person())
        enrolling = answered(lambda: client.post("enrollments/", json={"course_id": str(course.id)}), 201)
        assert queries_of(enrolling) == 2 + CARD + PERSON

    def test_completing_a_lesson_takes_2(self, as_user: Any, queries_of: Any) -> None:
        learner, course = make_person(), tracked_course(lessons=3)
        enrolled, client = enrol(learner, course), as_user(learner)
        first, second, third = (f"enrollments/{enrolled.id}/lessons/{lesson}/" for lesson in lesson_ids(course.id))
        assert queries_of(answered(lambda: client.put(first, json={"completed": True}))) == 2
        assert queries_of(answered(lambda: client.put(first, json={"completed": True}))) == 1
        assert queries_of(answered(lambda: client.put(second, json={"position_seconds": 5}))) == 1
        assert queries_of(answered(lambda: client.put(second, json={"completed": True}))) == 2
        assert queries_of(answered(lambda: client.put(third, json={"completed": True}))) == 2

    def test_a_passed_quiz_takes_1(self, queries_of: Any) -> None:
        learner, course = make_person(), tracked_course()
        enrol(learner, course)
        (lesson, *_) = lesson_ids(course.id)
        result = {"user_id": learner.id, "course_id": course.id, "lesson_id": lesson, "passed": True, "now": NOON}
        assert queries_of(lambda: actions.record_quiz_result(**result)) == 1


class TestReads:
    @pytest.mark.parametrize("rows", [3, 30])
    def test_my_enrollments_take_1(self, as_user: Any, queries_of: Any, rows: int) -> None:
        learner = make_person()
        for number in range(rows):
            enrol(learner, make_course(lessons=1), now=NOON + timedelta(minutes=number))
        client = as_user(learner)
        assert queries_of(answered(lambda: client.get("enrollments/", page_size=50))) == 1 + CARD

    @pytest.mark.parametrize("rows", [3, 30])
    def test_one_enrollment_takes_2(self, as_user: Any, queries_of: Any, rows: int) -> None:
        learner, course = make_person(), tracked_course(lessons=rows)
        enrolled, client = enrol(learner, course), as_user(learner)
        for lesson in lesson_ids(course.id)[:-1]:
            complete_lesson(enrolled, lesson)
        assert queries_of(answered(lambda: client.get(f"enrollments/{enrolled.id}/"))) == 2 + CARD
        assert queries_of(answered(lambda: client.get(f"enrollments/{enrolled.id}/progress/"))) == 2 + OUTLINE

    @pytest.mark.parametrize("rows", [3, 30])
    def test_a_roster_takes_1(self, as_user: Any, queries_of: Any, rows: int) -> None:
        course = tracked_course()
        for number in range(rows):
            enrol(make_person(), course, now=NOON + timedelta(minutes=number))
        client = as_user(teacher_of(course))
        for asked in ({}, {"sort": "newest"}, {"q": "person"}):
            roster = answered(lambda asked=asked: client.get(f"enrollments/courses/{course.id}/roster/", **asked))
            assert queries_of(roster) == 1 + TEACHES

    @pytest.mark.parametrize("rows", [3, 30])
    def test_figures_take_2(self, as_user: Any, queries_of: Any, rows: int) -> None:
        course = tracked_course(lessons=rows)
        for _ in range(rows):
            enrol(make_person(), course)
        client = as_user(teacher_of(course))
        figures = answered(lambda: client.get(f"enrollments/courses/{course.id}/figures/"))
        assert queries_of(figures) == 2 + TEACHES

    @pytest.mark.parametrize("rows", [3, 30])
    def test_recommendations_take_1(self, as_user: Any, queries_of: Any, rows: int) -> None:
        learner, fellow, mine = make_person(), make_person(), tracked_course()
        enrol(learner, mine)
        for course in [mine, *(make_course(lessons=1) for _ in range(rows))]:
            enrol(fellow, course)
        client = as_user(learner)
        assert queries_of(answered(lambda: client.get("enrollments/recommendations/"))) == 1 + CARD
