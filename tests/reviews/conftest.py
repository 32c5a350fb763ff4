"""A course, who teaches it, and who looks after it."""

from typing import Any

import pytest

from apps.courses.types import CourseCard
from apps.users.types import Person
from tests.support.courses import make_course
from tests.support.http import Client
from tests.support.people import make_person


@pytest.fixture
def teacher(db: None) -> Person:
    return make_person(roles={"instructor"}, display_name="Ines")


@pytest.fixture
def course(teacher: Person) -> CourseCard:
    return make_course(author=teacher, lessons=1, title="Knots")


@pytest.fixture
def staff(as_user: Any) -> Client:
    return as_user(make_person(roles={"staff"}))
