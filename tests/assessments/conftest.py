"""A course with its teacher, a learner in it, and a quiz of four questions."""

import pytest

from tests.support.assessments import make_quiz, numbered
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import enrol
from tests.support.people import make_person


@pytest.fixture
def teacher(db):
    return make_person(roles={"instructor"}, display_name="Tess Teacher")


@pytest.fixture
def course(teacher):
    return make_course(author=teacher)


@pytest.fixture
def lesson(course):
    return lesson_ids(course.id)[0]


@pytest.fixture
def learner(course):
    person = make_person(display_name="Lea Learner")
    enrol(person, course)
    return person


@pytest.fixture
def me(as_user, learner):
    return as_user(learner)


@pytest.fixture
def author(as_user, teacher):
    return as_user(teacher)


@pytest.fixture
def quiz(lesson):
    return make_quiz(lesson, *numbered(4), title="Sums")


@pytest.fixture
def book(course):
    return f"assessments/courses/{course.id}/gradebook/"


@pytest.fixture
def cell(course, learner, quiz):
    return f"assessments/courses/{course.id}/gradebook/{learner.id}/{quiz.id}/"
