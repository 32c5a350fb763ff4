"""Staff's screens of gamification: to be looked at and searched, not to be changed."""

from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from apps.gamification import actions
from apps.gamification.models import EarnedBadge, PointEntry, Redemption, Reward, Standing
from tests.support.courses import make_course
from tests.support.desk import assert_changes_nothing, assert_shows, desk_of
from tests.support.enrollments import complete_course, enrol
from tests.support.gamification import NOON, make_reward
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
MODELS = [EarnedBadge, PointEntry, Redemption, Reward, Standing]


@pytest.fixture
def desk(deliver_all: Any) -> Client:
    ada = make_person(display_name="Ada")
    complete_course(enrol(ada, make_course(lessons=1)))
    deliver_all()
    actions.redeem(reward_id=make_reward(), by=ada.id, now=NOON)
    return desk_of(make_person(roles={"staff"}))


@pytest.mark.parametrize("model", MODELS)
def test_a_screen_lists_searches_and_shows(desk: Client, model: type[Model]) -> None:
    assert_shows(desk, model, searched="ada")


@pytest.mark.parametrize("model", MODELS)
def test_a_screen_changes_nothing(desk: Client, model: type[Model]) -> None:
    assert_changes_nothing(desk, model)
