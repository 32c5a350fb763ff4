"""What staff do in the shop and with reviews: money back, reviews hidden or in order, rewards given and taken."""

from typing import Any

import pytest
from django.test import Client

from apps.gamification.actions import rewards
from apps.gamification.models import Redemption, Reward
from apps.gamification.types import PointRule
from apps.payments.models import Refund
from apps.reviews.models import Review, ReviewReport
from learninghub.audit.models import AuditEntry
from learninghub.clock import now
from learninghub.outbox.models import OutboxMessage
from tests.support.courses import make_course
from tests.support.desk import carry_out, desk_of
from tests.support.gamification import award, make_reward
from tests.support.payments import make_order
from tests.support.people import make_person
from tests.support.reviews import make_learner, make_review, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Any:
    return make_person(roles={"staff"})


@pytest.fixture
def desk(staff: Any) -> Client:
    return desk_of(staff)


class TestMoneyBack:
    def test_is_promised_once_and_left_to_the_job(self, desk: Client, staff: Any):
        order = make_order(make_person(), make_course(lessons=1, price_amount=4900))

        answer = carry_out(desk, order, "refund", amount="1000")

        assert answer.status_code == 302
        [refund] = Refund.objects.filter(order=order)
        assert (refund.amount, refund.state, refund.requested_by_id) == (1000, "requested", staff.id)
        [job] = OutboxMessage.objects.filter(name="payments.refund")
        assert str(refund.id) in str(job.payload)
        assert AuditEntry.objects.get(subject_id=order.id).action == "payments.refund"

    def test_is_at_most_what_is_left(self, desk: Client):
        order = make_order(make_person(), make_course(lessons=1, price_amount=4900))

        answer = carry_out(desk, order, "refund", amount=str(order.amount + 1))

        assert answer.status_code == 400
        assert answer.context["form"].non_field_errors()
        assert not Refund.objects.exists()


class TestReviews:
    def test_are_hidden_with_a_reason_and_found_in_order_again(self, desk: Client):
        course = make_course(lessons=1)
        review_id = make_review(course)
        report(review_id, make_learner(course))
        review = Review.objects.get(id=review_id)

        carry_out(desk, review, "hide", reason="spam", note="An advertisement.")
        review.refresh_from_db()
        assert review.hidden_for == "spam"
        assert ReviewReport.objects.get(review=review).settled_at is not None

        carry_out(desk, review, "restore", note="It was none.")
        review.refresh_from_db()
        assert not review.hidden_for
        assert [entry.reason for entry in AuditEntry.objects.filter(subject_id=review.id).order_by("id")] == [
            "An advertisement.",
            "It was none.",
        ]


class TestRewards:
    def test_are_offered(self, desk: Client):
        address = "/admin/gamification/reward/add-reward/"
        said = {"once": desk.get(address).context["form"]["once"].value(), "name": "A mug", "cost": "500", "stock": "3"}
        assert desk.post(address, said).status_code == 302
        assert [(each.name, each.cost, each.stock) for each in Reward.objects.all()] == [("A mug", 500, 3)]

    def test_are_given_back_once(self, desk: Client):
        learner, course = make_person(), make_course(lessons=1)
        award(learner, course, rule=PointRule.COURSE_COMPLETED)
        redeemed = rewards.redeem(reward_id=make_reward(cost=10), by=learner.id, now=now())
        redemption = Redemption.objects.get(id=redeemed)

        carry_out(desk, redemption, "reverse", reason="Sent to the wrong address.")

        redemption.refresh_from_db()
        assert (redemption.state, redemption.reward.taken) == ("reversed", 0)
        assert desk.get(f"/admin/gamification/redemption/{redemption.id}/reverse/").status_code == 404
