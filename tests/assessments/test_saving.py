"""Saving answers, and the deadline after which none is saved."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.assessments.events import AttemptGraded
from apps.assessments.models import Answer, Attempt
from tests.assessments.steps import let_pass, save, start, submit
from tests.support.assessments import make_quiz, numbered, right_answers, wrong_answers
from tests.support.courses import lesson_ids

pytestmark = pytest.mark.django_db


class TestSaving:
    def test_is_by_answer_and_harmless_twice(self, me, lesson):
        quiz = make_quiz(lesson, *numbered(2))
        attempt = start(me, quiz)
        one, two = right_answers(quiz.id)
        assert save(me, attempt, [one]).json["state"] == "open"
        before = Answer.objects.get(question_id=one["question_id"])
        save(me, attempt, [one])
        save(me, attempt, [two])
        assert Answer.objects.get(question_id=one["question_id"]).saved_at == before.saved_at
        assert Answer.objects.filter(saved_at__isnull=False).count() == 2
        assert submit(me, attempt).json["score"] == "100.00"

    def test_takes_an_answer_back(self, me, lesson):
        quiz = make_quiz(lesson, *numbered(1))
        attempt = start(me, quiz)
        save(me, attempt, right_answers(quiz.id))
        save(me, attempt, [{"question_id": right_answers(quiz.id)[0]["question_id"]}])
        assert submit(me, attempt).json["score"] == "0.00"

    def test_refuses_what_the_attempt_does_not_ask_and_keeps_nothing_of_it(self, me, lesson, course):
        quiz = make_quiz(lesson)
        other = make_quiz(lesson_ids(course.id)[1])
        attempt = start(me, quiz)
        answers = right_answers(quiz.id)
        foreign = right_answers(other.id)
        for wrong in (
            [*answers, foreign[0]],
            [{**answers[0], "chosen": foreign[0]["chosen"]}],
            [{**answers[0], "chosen": answers[0]["chosen"] + wrong_answers(quiz.id)[0]["chosen"]}],
            [{**answers[0], "text": "4"}],
            [{**answers[3], "chosen": answers[0]["chosen"]}],
            [answers[0], answers[0]],
            [{**answers[3], "text": "3" * 1001}],
            [],
        ):
            refused = save(me, attempt, wrong)
            assert (refused.status, refused.json["code"]) == (400, "invalid"), wrong
        assert not Answer.objects.filter(saved_at__isnull=False).exists()

    def test_after_handing_in_is_refused_and_changes_nothing(self, me, lesson):
        quiz = make_quiz(lesson)
        attempt = start(me, quiz)
        submit(me, attempt)
        refused = save(me, attempt, right_answers(quiz.id))
        assert (refused.status, refused.json["code"]) == (409, "attempt_closed")
        assert me.get(f"assessments/attempts/{attempt['id']}/").json["score"] == "0.00"

    def test_of_points_is_not_a_thing(self, me, lesson):
        quiz = make_quiz(lesson)
        attempt = start(me, quiz)
        forged = [{**answer, "points": "3", "earned": "3", "is_right": True} for answer in wrong_answers(quiz.id)]
        me.patch(
            f"assessments/attempts/{attempt['id']}/",
            {"answers": forged, "score": "100.00", "points": "10", "state": "submitted", "is_passed": True},
        )
        me.post(f"assessments/attempts/{attempt['id']}/submit/", {"score": "100.00", "points": "10"})
        assert me.get(f"assessments/attempts/{attempt['id']}/").json["score"] == "0.00"


class TestTheDeadline:
    def test_is_fixed_at_the_start(self, me, lesson):
        quiz = make_quiz(lesson, time_limit_s=3600)
        attempt = start(me, quiz)
        stored = Attempt.objects.get()
        assert stored.deadline_at - stored.started_at == timedelta(hours=1)
        make_quiz(lesson, time_limit_s=60)
        assert me.get(f"assessments/attempts/{attempt['id']}/").json["deadline_at"] == attempt["deadline_at"]

    def test_gives_five_seconds_of_grace(self, me, lesson):
        quiz = make_quiz(lesson, time_limit_s=60)
        attempt = start(me, quiz)
        let_pass(attempt, seconds=63)
        assert save(me, attempt, right_answers(quiz.id)).status == 200
        graded = submit(me, attempt).json
        assert (graded["state"], graded["score"]) == ("submitted", "100.00")
        assert graded["closed_at"] == graded["deadline_at"]

    def test_once_over_lets_nothing_be_saved_and_grades_what_was(self, me, lesson, published):
        quiz = make_quiz(lesson, *numbered(2), time_limit_s=60)
        attempt = start(me, quiz)
        one, two = right_answers(quiz.id)
        save(me, attempt, [one])
        let_pass(attempt, seconds=66)
        refused = save(me, attempt, [two])
        assert (refused.status, refused.json["code"]) == (409, "deadline_passed")
        graded = submit(me, attempt).json
        assert (graded["state"], graded["score"]) == ("expired", "50.00")
        assert graded["closed_at"] == graded["deadline_at"]
        assert [fact.score for fact in published(AttemptGraded)] == [Decimal("50.00")]

    def test_over_makes_room_for_the_next_attempt(self, me, lesson, published):
        quiz = make_quiz(lesson, *numbered(1), time_limit_s=60, attempt_limit=2)
        first = start(me, quiz)
        let_pass(first, seconds=66)
        assert start(me, quiz)["number"] == 2
        assert me.get(f"assessments/attempts/{first['id']}/").json["state"] == "expired"
        assert len(published(AttemptGraded)) == 1
