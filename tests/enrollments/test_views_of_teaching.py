"""What instructors see of their learners, over HTTP."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from apps.enrollments import api as enrollments
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import complete_course, complete_lesson, enrol, teacher_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
NOWHERE = UUID(int=7)


class TestRoster:
    def address(self, course: Any) -> str:
        return f"enrollments/courses/{course.id}/roster/"

    def test_lists_the_learners_by_name_page_by_page(self, as_user: Any) -> None:
        course = make_course()
        for name in ["zoë", "Émile", "Fatima", "Anna"]:
            enrol(make_person(display_name=name), course)
        enrol(make_person(display_name="Elsewhere"), make_course())
        first = as_user(teacher_of(course)).get(self.address(course), page_size=3).json
        second = as_user(teacher_of(course)).get(first["next"]).json
        names = [row["name"] for row in first["results"] + second["results"]]
        assert names == ["Anna", "Émile", "Fatima", "zoë"]

    def test_finds_by_any_part_of_the_name(self, as_user: Any) -> None:
        course = make_course()
        for name in ["Émile Zola", "Emily Brontë", "Fatima al-Fihri"]:
            enrol(make_person(display_name=name), course)
        found = as_user(teacher_of(course)).get(self.address(course), q="ÉMIL").json["results"]
        assert [row["name"] for row in found] == ["Émile Zola", "Emily Brontë"]

    def test_can_begin_with_the_newest(self, as_user: Any) -> None:
        course = make_course()
        for day, name in enumerate(["First", "Second"], start=1):
            enrol(make_person(display_name=name), course, now=datetime(2026, 11, day, tzinfo=UTC))
        found = as_user(teacher_of(course)).get(self.address(course), sort="newest").json["results"]
        assert [row["name"] for row in found] == ["Second", "First"]

    def test_shows_how_far_each_is(self, as_user: Any) -> None:
        learner, course = make_person(display_name="Anna"), make_course(lessons=3)
        enrolled, (first, *_) = enrol(learner, course), lesson_ids(course.id)
        complete_lesson(enrolled, first)
        (row,) = as_user(teacher_of(course)).get(self.address(course)).json["results"]
        assert row == {
            "enrollment_id": str(enrolled.id),
            "user_id": str(learner.id),
            "name": "Anna",
            "state": "active",
            "percent": 33,
            "completed_lessons": 1,
            "required_lessons": 3,
            "enrolled_at": "2026-11-18T12:00:00Z",
            "completed_at": None,
            "last_active_at": "2026-11-18T12:00:00Z",
        }


class TestFigures:
    def test_come_from_the_rollups(self, as_user: Any) -> None:
        course = make_course(lessons=3)
        first, second, third = lesson_ids(course.id)
        begun, gone = enrol(make_person(), course), make_person()
        complete_course(enrol(make_person(), course))
        complete_lesson(begun, first)
        complete_lesson(enrol(gone, course), first)
        enrolled = enrollments.find_enrollment(user_id=gone.id, course_id=course.id)
        assert enrolled
        as_user(gone).post(f"enrollments/{enrolled.id}/withdraw/")
        answer = as_user(teacher_of(course)).get(f"enrollments/courses/{course.id}/figures/")
        assert answer.status == 200
        assert answer.json == {
            "course_id": str(course.id),
            "enrolled": 2,
            "active": 1,
            "completed": 1,
            "average_percent": 66,
            "lessons": [
                {"lesson_id": str(first), "completed": 2, "percent": 100},
                {"lesson_id": str(second), "completed": 1, "percent": 50},
                {"lesson_id": str(third), "completed": 1, "percent": 50},
            ],
        }

    def test_are_zeros_while_nobody_has_come(self, as_user: Any) -> None:
        course = make_course(lessons=0, published=False)
        answer = as_user(teacher_of(course)).get(f"enrollments/courses/{course.id}/figures/")
        assert answer.json | {"course_id": None} == {
            "course_id": None,
            "enrolled": 0,
            "active": 0,
            "completed": 0,
            "average_percent": 0,
            "lessons": [],
        }


@pytest.mark.parametrize("page", ["roster", "figures"])
class TestWhatInstructorsSee:
    def test_is_for_the_courses_own_and_staff(self, as_user: Any, client: Any, page: str) -> None:
        course, other = make_course(), make_course()
        learner = make_person()
        enrol(learner, course)
        address = f"enrollments/courses/{course.id}/{page}/"
        assert as_user(make_person(roles={"staff"})).get(address).status == 200
        assert as_user(teacher_of(course)).get(address).status == 200
        for stranger in (make_person(), learner, teacher_of(other)):
            assert as_user(stranger).get(address).status == 404
        assert client.get(address).status == 401

    def test_is_nothing_where_there_is_no_course(self, as_user: Any, page: str) -> None:
        teacher = teacher_of(make_course())
        assert as_user(teacher).get(f"enrollments/courses/{NOWHERE}/{page}/").status == 404
