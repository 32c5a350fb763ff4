"""What gamification makes of facts: once each, however often and in whatever order they come."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.assessments.events import AttemptGraded
from apps.certificates.events import CertificateIssued
from apps.courses.types import CourseCard
from apps.enrollments.events import CourseCompleted, LearnerEnrolled, LessonCompleted
from apps.gamification import handlers, queries
from apps.gamification.events import BadgeEarned
from apps.gamification.models import ALWAYS, EVERYWHERE, EarnedBadge, PointEntry
from apps.users.types import Person
from learninghub.db import uuid7
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import complete_course, enrol
from tests.support.gamification import NOON, disagreements
from tests.support.people import make_person
from tests.support.search import few

QUIZ = UUID(int=21)


def graded(person: Person, course: CourseCard, *, passed: bool = True, score: str = "80") -> AttemptGraded:
    return AttemptGraded(
        attempt_id=uuid7(),
        quiz_id=QUIZ,
        user_id=person.id,
        course_id=course.id,
        lesson_id=UUID(int=22),
        passed=passed,
        score=Decimal(score),
    )


def points_of(person: Person) -> int:
    return queries.get_place(user_id=person.id, scope=EVERYWHERE, week=ALWAYS).points


@pytest.mark.django_db
class TestACourseTaken:
    def test_earns_points_and_badges_from_the_first_step_to_the_last(self, deliver_all: Any, published: Any) -> None:
        learner, course = make_person(), make_course(lessons=3)
        complete_course(enrol(learner, course))
        deliver_all()
        assert points_of(learner) == 5 + 3 * 10 + 100 + 25
        assert [fact.badge for fact in published(BadgeEarned)] == ["first-lesson", "first-course"]
        assert {fact.name for fact in published(BadgeEarned)} == {"First steps", "Finisher"}
        assert disagreements() == []

    def test_pays_once_for_an_enrolment_given_up_and_taken_again(self) -> None:
        learner, course = make_person(), make_course()
        for _ in range(2):
            handlers.reward_the_enrolment(
                LearnerEnrolled(enrollment_id=uuid7(), user_id=learner.id, course_id=course.id, source="free")
            )
        assert points_of(learner) == 5


@pytest.mark.django_db
class TestCertificateIssued:
    def test_pays_once_for_a_course_though_it_be_issued_again(self) -> None:
        learner, course = make_person(), make_course()
        for code in ("FIRST", "SECOND"):
            handlers.reward_the_certificate(
                CertificateIssued(certificate_id=uuid7(), user_id=learner.id, course_id=course.id, code=code)
            )
        assert points_of(learner) == 25


@pytest.mark.django_db
class TestAttemptGraded:
    def test_pays_for_the_first_pass_of_a_quiz(self) -> None:
        learner, course = make_person(), make_course()
        handlers.reward_the_attempt(graded(learner, course, passed=False, score="40"))
        assert points_of(learner) == 0
        for _ in range(3):
            handlers.reward_the_attempt(graded(learner, course))
        assert points_of(learner) == 20

    def test_pays_more_for_a_perfect_one_once(self, published: Any) -> None:
        learner, course = make_person(), make_course()
        handlers.reward_the_attempt(graded(learner, course))
        for _ in range(2):
            handlers.reward_the_attempt(graded(learner, course, score="100.00"))
        assert points_of(learner) == 30
        assert [fact.badge for fact in published(BadgeEarned)] == ["perfect-quiz"]


class TestAnyOrder(TestCase):
    @few(15)
    @given(st.data())
    def test_and_any_number_of_times_comes_to_the_same(self, data: st.DataObject) -> None:
        learner, course = make_person(), make_course(lessons=2)
        about = {"enrollment_id": uuid7(), "user_id": learner.id, "course_id": course.id}
        heard = [
            (handlers.reward_the_enrolment, LearnerEnrolled(**about, source="free")),
            (handlers.reward_the_course, CourseCompleted(**about, completed_at=NOON)),
            (handlers.reward_the_attempt, graded(learner, course, score="100")),
            *(
                (handlers.reward_the_lesson, LessonCompleted(**about, lesson_id=lesson))
                for lesson in lesson_ids(course.id)
            ),
        ]
        repeated = [*heard, *data.draw(st.lists(st.sampled_from(heard), max_size=6))]
        for handle, fact in data.draw(st.permutations(repeated)):
            handle(fact)
        assert points_of(learner) == 5 + 2 * 10 + 20 + 10 + 100
        assert PointEntry.objects.filter(user_id=learner.id).count() == 6
        badges = EarnedBadge.objects.filter(user_id=learner.id).values_list("badge", flat=True)
        assert set(badges) == {"first-lesson", "first-course", "perfect-quiz"}
        assert disagreements() == []
