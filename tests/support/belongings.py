"""Somebody who has a row in every table that knows people."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from apps.assessments.actions.attempts import start_attempt
from apps.assessments.models import ExtraTime, Override
from apps.auth.models import Session
from apps.content.models import Import
from apps.courses.types import CourseCard
from apps.gamification.actions import redeem
from apps.gamification.models import EarnedBadge
from apps.media.models import Rendition
from apps.notifications.models import Mail, Preference
from apps.payments.actions import checkout, refunds
from apps.payments.models import StripeEvent
from apps.reviews.models import Feedback
from apps.users.models import LinkRequest
from apps.users.types import Person
from learninghub import audit
from learninghub.clock import now
from tests.support.assessments import make_quiz, numbered
from tests.support.certificates import issue_certificate
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import complete_lesson, enrol
from tests.support.gamification import award, make_reward
from tests.support.media import make_asset
from tests.support.notifications import make_news
from tests.support.payments import make_order
from tests.support.people import make_person
from tests.support.reviews import make_learner, report, review


class School:
    """Courses that all of its people take, whose titles begin with its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.staff = make_person(roles={"staff"})
        self.teacher = make_person(roles={"instructor"})
        self.free, self.sold, self.offered = (self._course(price) for price in (0, 4900, 4900))
        self.quiz = make_quiz(lesson_ids(self.free.id)[0], *numbered(1), title=f"{name}, quiz")
        self.reward = make_reward(cost=1)

    def take_in(self, **person: Any) -> Person:
        """A person who learns, buys, says and teaches something here, and is known to every table about people."""
        someone = make_person(roles={"student", "instructor"}, **person)
        self._learn(someone)
        self._buy(someone)
        self._teach(someone)
        _keep_house(someone)
        audit.record(action="example.done", by=someone.id, subject=self.staff.id, now=now())
        audit.record(action="example.suffered", by=self.staff.id, subject=someone.id, now=now())
        return someone

    def _learn(self, someone: Person) -> None:
        issue_certificate(someone, self._course(0))
        reviewed = make_learner_of(someone, self._course(0))
        report(review(someone, reviewed), make_learner(reviewed))
        Feedback.objects.create(course_id=reviewed.id, author_id=someone.id, text="Slower, please.", sent_at=now())
        enrol(someone, self.free)
        start_attempt(quiz_id=self.quiz.id, user_id=someone.id)
        theirs = {"quiz_id": self.quiz.id, "user_id": someone.id}
        Override.objects.create(**theirs, score=50, reason="Fair.", made_by_id=self.teacher.id, made_at=now())
        ExtraTime.objects.create(**theirs, seconds=60, given_by_id=self.teacher.id)
        award(someone, self.free)
        EarnedBadge.objects.create(user_id=someone.id, badge="first_lesson", earned_at=now())
        redeem(reward_id=self.reward, by=someone.id, now=now())

    def _buy(self, someone: Person) -> None:
        order = make_order(someone, self.sold)
        refunds.refund(order_id=order.id, amount=100, by=self.staff.id, now=now())
        checkout.begin(user_id=someone.id, course_id=self.offered.id, now=now())
        for known in ({"order_ref": order.id}, {"payment_intent_id": order.payment_intent_id}):
            StripeEvent.objects.create(
                id=f"evt_{uuid4().hex}",
                type="charge.updated",
                created=now(),
                object_id="ch",
                received_at=now(),
                **known,
            )

    def _teach(self, someone: Person) -> None:
        taught = self._course(0, author=someone)
        make_quiz(lesson_ids(taught.id)[0], *numbered(1))
        enrol(self.teacher, taught)
        asset = make_asset(owner_id=someone.id)
        Rendition.objects.create(asset_id=asset.id, name="card", media_type="image/webp", size=1, width=1, height=1)
        Import.objects.create(
            requested_by_id=someone.id, course_id=taught.id, filename="a.tar.gz", state="pending", report=[]
        )

    def _course(self, price: int, **fields: Any) -> CourseCard:
        title = f"{self.name} {uuid4().hex}"
        return make_course(lessons=1, title=title, price_amount=price, **{"author": self.teacher, **fields})


def make_learner_of(someone: Person, course: CourseCard) -> CourseCard:
    """The course, which the person has learnt enough of to judge it."""
    complete_lesson(enrol(someone, course), lesson_ids(course.id)[0])
    return course


def _keep_house(someone: Person) -> None:
    later = now() + timedelta(hours=1)
    Session.objects.create(
        user_id=someone.id, credential_epoch=0, started_at=now(), last_used_at=now(), expires_at=later
    )
    LinkRequest.objects.create(
        user_id=someone.id, purpose="verify_email", email=f"{uuid4().hex}@elsewhere.example", credential_epoch=0,
        requested_at=now(), expires_at=later,
    )  # fmt: skip
    make_news(someone)
    Mail.objects.create(
        user_id=someone.id, kind="welcome", source_id=uuid4(), facts={}, state="queued", queued_at=now()
    )
    Preference.objects.create(user_id=someone.id, kind="welcome", channel="mail")
