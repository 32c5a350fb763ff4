"""A teacher, their course of two lessons, and the address of the first."""

from uuid import UUID

import pytest

from apps.courses.types import CourseCard
from apps.users.types import Person
from tests.support.courses import lesson_ids, make_course
from tests.support.people import make_person


@pytest.fixture
def teacher(db: None) -> Person:
    return make_person(roles={"instructor"})


@pytest.fixture
def course(teacher: Person) -> CourseCard:
    return make_course(author=teacher, lessons=2)


@pytest.fixture
def lesson_id(course: CourseCard) -> UUID:
    return lesson_ids(course.id)[0]


@pytest.fixture
def path(lesson_id: UUID) -> str:
    return f"content/lessons/{lesson_id}/"
