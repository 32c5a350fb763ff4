"""What assessments hears and does by itself."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import F

from apps.assessments.actions import grading
from apps.assessments.events import AttemptGraded
from apps.assessments.models import Attempt
from apps.assessments.queries.attempts import list_late_ids
from apps.enrollments import api as enrollments
from learninghub import jobs
from learninghub.clock import now
from tests.support.assessments import make_quiz, numbered, right_answers
from tests.support.enrollments import enrol
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiz(lesson):
    return make_quiz(lesson, *numbered(2), time_limit_s=60)


def begin(client, quiz):
    attempt = client.post(f"assessments/quizzes/{quiz.id}/attempts/").json
    client.patch(f"assessments/attempts/{attempt['id']}/", {"answers": right_answers(quiz.id)[:1]})
    return attempt


def let_pass(seconds, **which):
    back = timedelta(seconds=seconds)
    Attempt.objects.filter(**which).update(started_at=F("started_at") - back, deadline_at=F("deadline_at") - back)


class TestTheSweeper:
    def test_closes_what_nobody_handed_in_once(self, me, quiz, published):
        attempt = begin(me, quiz)
        sweep = jobs.find("assessments.close_late_attempts")
        for seconds, state in ((0, "open"), (63, "open"), (5, "expired"), (0, "expired")):
            let_pass(seconds, id=attempt["id"])
            sweep.perform({"now": now().isoformat()})
            assert me.get(f"assessments/attempts/{attempt['id']}/").json["state"] == state
        assert sweep.every == timedelta(seconds=30)
        (fact,) = published(AttemptGraded)
        assert (fact.score, fact.passed) == (Decimal("50.00"), False)

    def test_leaves_attempts_without_a_limit_alone(self, me, lesson):
        quiz = make_quiz(lesson, *numbered(2))
        attempt = begin(me, quiz)
        Attempt.objects.update(started_at=F("started_at") - timedelta(days=400))
        grading.close_late_attempts(now=now())
        assert me.get(f"assessments/attempts/{attempt['id']}/").json["state"] == "open"

    def test_takes_the_longest_overdue_first(self, as_user, quiz, course):
        people = [make_person() for _ in range(3)]
        for minutes, person in enumerate(people, start=2):
            enrol(person, course)
            begin(as_user(person), quiz)
            let_pass(minutes * 60, user_id=person.id)
        learners = [Attempt.objects.get(id=attempt_id).user_id for attempt_id in list_late_ids(limit=2)]
        assert learners == [people[2].id, people[1].id]


class TestLosingAccess:
    def test_closes_the_open_attempt_with_what_was_saved(self, me, quiz, learner, course, deliver_all, published):
        attempt = begin(me, quiz)
        enrollment = enrollments.find_enrollment(user_id=learner.id, course_id=course.id)
        assert me.post(f"enrollments/{enrollment.id}/withdraw/").status == 200
        deliver_all()
        closed = me.get(f"assessments/attempts/{attempt['id']}/").json
        assert (closed["state"], closed["score"]) == ("expired", "50.00")
        assert closed["closed_at"] < closed["deadline_at"]
        assert len(published(AttemptGraded)) == 1
        assert me.post(f"assessments/quizzes/{quiz.id}/attempts/").status == 404

    def test_for_a_while_leaves_the_attempt_of_who_is_back_alone(self, me, quiz, learner, course, deliver_all):
        enrollment = enrollments.find_enrollment(user_id=learner.id, course_id=course.id)
        me.post(f"enrollments/{enrollment.id}/withdraw/")
        enrol(learner, course)
        attempt = begin(me, quiz)
        deliver_all()
        assert me.get(f"assessments/attempts/{attempt['id']}/").json["state"] == "open"
