"""What staff do with rewards: they are offered, and taken back."""

import pytest
from django.test import Client

from apps.gamification.actions import rewards
from apps.gamification.models import Redemption, Reward
from apps.gamification.types import PointRule
from learninghub.clock import now
from tests.support.courses import make_course
from tests.support.desk import carry_out
from tests.support.gamification import award, make_reward
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def test_rewards_are_offered(desk: Client):
    address = "/admin/gamification/reward/add-reward/"
    said = {"once": desk.get(address).context["form"]["once"].value(), "name": "A mug", "cost": "500", "stock": "3"}
    assert desk.post(address, said).status_code == 302
    assert [(each.name, each.cost, each.stock) for each in Reward.objects.all()] == [("A mug", 500, 3)]


def test_rewards_are_given_back_once(desk: Client):
    learner, course = make_person(), make_course(lessons=1)
    award(learner, course, rule=PointRule.COURSE_COMPLETED)
    redeemed = rewards.redeem(reward_id=make_reward(cost=10), by=learner.id, now=now())
    redemption = Redemption.objects.get(id=redeemed)

    carry_out(desk, redemption, "reverse", reason="Sent to the wrong address.")

    redemption.refresh_from_db()
    assert (redemption.state, redemption.reward.taken) == ("reversed", 0)
    assert desk.get(f"/admin/gamification/redemption/{redemption.id}/reverse/").status_code == 404
