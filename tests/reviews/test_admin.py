"""Staff's screens of reviews: to be looked at and searched, not to be changed."""

import pytest
from django.db.models import Model
from django.test import Client

from apps.courses.types import CourseCard
from apps.reviews import actions
from apps.reviews.models import Feedback, Review, ReviewReport
from tests.support.desk import assert_changes_nothing, assert_shows, desk_of
from tests.support.enrollments import NOON
from tests.support.people import make_person
from tests.support.reviews import make_learner, report, review

pytestmark = pytest.mark.django_db
MODELS = [Feedback, Review, ReviewReport]


@pytest.fixture
def desk(course: CourseCard) -> Client:
    learner = make_learner(course, display_name="Ada")
    report(review(learner, course), make_person())
    actions.give_feedback(course_id=course.id, text="Too fast.", by=learner.id, now=NOON)
    return desk_of(make_person(roles={"staff"}))


@pytest.mark.parametrize("model", MODELS)
def test_a_screen_lists_searches_and_shows(desk: Client, model: type[Model]) -> None:
    assert_shows(desk, model, searched="ada")


@pytest.mark.parametrize("model", MODELS)
def test_a_screen_changes_nothing(desk: Client, model: type[Model]) -> None:
    assert_changes_nothing(desk, model)
