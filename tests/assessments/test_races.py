"""Many at once, each with a control that fails with the lock or the condition taken away."""

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError
from django.db.models import F

from apps.assessments.actions import attempts, grading
from apps.assessments.actions.attempts import Started
from apps.assessments.actions.grading import Closed
from apps.assessments.errors import AttemptClosed, NoAttemptsLeft
from apps.assessments.events import AttemptGraded
from apps.assessments.models import Answer, Attempt, AttemptState, Grade
from apps.assessments.rules.scoring import Response
from learninghub.clock import now
from tests.support.assessments import make_quiz, numbered
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import enrol
from tests.support.load import gathered
from tests.support.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)

STILL_OPEN = "and attempt.state = 'open'"


@pytest.fixture
def learner():
    return make_person()


@pytest.fixture
def quiz(learner):
    course = make_course(lessons=1)
    enrol(learner, course)
    return make_quiz(lesson_ids(course.id)[0], *numbered(3), attempt_limit=1, time_limit_s=600)


def begin(quiz, learner):
    return attempts.start_attempt(quiz_id=quiz.id, user_id=learner.id)


def submit(attempt_id, learner):
    return grading.submit_attempt(attempt_id=attempt_id, user_id=learner.id, now=now())


@contextmanager
def closing(monkeypatch, statement, parties):
    """So many take their snapshots before any closes the attempt, so that the race is there every time."""
    with gathered(parties) as all_of_them:
        changed = statement.replace("from assessments_quiz", f"from {all_of_them} cross join assessments_quiz", 1)
        assert changed != statement
        monkeypatch.setattr(grading, "_CLOSE", changed)
        yield


def without_the_condition():
    assert grading._CLOSE.count(STILL_OPEN) == 1
    return grading._CLOSE.replace(STILL_OPEN, "")


def kinds(results):
    return Counter(type(result) for result in results)


class TestTwoTabsHandingIn:
    def hand_in(self, race, monkeypatch, quiz, learner, statement):
        attempt_id = begin(quiz, learner).attempt_id
        with closing(monkeypatch, statement, 5):
            return race(lambda _: submit(attempt_id, learner), 5)

    def test_are_graded_once_and_told_the_same(self, race, monkeypatch, quiz, learner, published):
        results = self.hand_in(race, monkeypatch, quiz, learner, grading._CLOSE)
        assert kinds(results) == {Closed: 5}
        assert {(closed.attempt.state, str(closed.attempt.score)) for closed in results} == {("submitted", "0.00")}
        assert len(published(AttemptGraded)) == 1

    def test_would_be_graded_each_without_the_condition(self, race, monkeypatch, quiz, learner, published):
        self.hand_in(race, monkeypatch, quiz, learner, without_the_condition())
        assert len(published(AttemptGraded)) == 5


class TestHandingInAtTheDeadline:
    def meet(self, race, monkeypatch, quiz, learner, statement):
        attempt_id = begin(quiz, learner).attempt_id
        back = timedelta(seconds=605, milliseconds=100)
        Attempt.objects.update(started_at=F("started_at") - back, deadline_at=F("deadline_at") - back)
        sweep, hand_in = (lambda: grading.close_late_attempts(now=now())), (lambda: submit(attempt_id, learner))
        with closing(monkeypatch, statement, 2):
            return race(lambda number: (sweep, hand_in)[number](), 2)

    def test_while_the_sweeper_comes_is_graded_once(self, race, monkeypatch, quiz, learner, published):
        _, handed_in = self.meet(race, monkeypatch, quiz, learner, grading._CLOSE)
        assert handed_in.attempt.state == AttemptState.EXPIRED
        stored = Attempt.objects.get()
        assert (stored.state, stored.closed_at) == (AttemptState.EXPIRED, stored.deadline_at)
        assert len(published(AttemptGraded)) == 1

    def test_would_be_graded_twice_without_the_condition(self, race, monkeypatch, quiz, learner, published):
        self.meet(race, monkeypatch, quiz, learner, without_the_condition())
        assert len(published(AttemptGraded)) == 2


class TestADoubleStart:
    def test_makes_one_attempt_for_both(self, race, quiz, learner):
        results = race(lambda _: begin(quiz, learner), 8)
        assert kinds(results) == {Started: 8}
        assert len({started.attempt_id for started in results}) == 1
        assert sum(started.is_new for started in results) == 1
        assert (Attempt.objects.count(), Grade.objects.get().attempts, Answer.objects.count()) == (1, 1, 3)

    def test_would_run_into_the_constraint_without_the_lock(self, race, monkeypatch, quiz, learner):
        both_have_looked = Barrier(2)
        Grade.objects.create(quiz_id=quiz.id, user_id=learner.id)

        def look(*, quiz_id, user_id):
            return Grade.objects.get(quiz_id=quiz_id, user_id=user_id)

        find_open = attempts.find_open

        def find_and_wait(**of):
            found = find_open(**of)
            both_have_looked.wait(timeout=5)
            return found

        monkeypatch.setattr(attempts, "lock_grade", look)
        monkeypatch.setattr(attempts, "find_open", find_and_wait)
        assert kinds(race(lambda _: begin(quiz, learner), 2)) == {Started: 1, IntegrityError: 1}

    def test_does_not_get_past_the_limit_while_the_last_is_handed_in(self, race, quiz, learner):
        attempt_id = begin(quiz, learner).attempt_id
        calls = [lambda: submit(attempt_id, learner), *[lambda: begin(quiz, learner)] * 5]
        results = race(lambda number: calls[number](), 6)
        assert kinds(results) <= Counter({Closed: 1, Started: 5, NoAttemptsLeft: 5})
        assert not any(isinstance(result, Started) and result.is_new for result in results)
        assert Attempt.objects.count() == 1


class TestSavingWhileHandingIn:
    def test_saves_before_the_grading_or_not_at_all(self, race, quiz, learner):
        attempt_id = begin(quiz, learner).attempt_id
        answer = Answer.objects.filter(attempt_id=attempt_id).first()
        right = next(choice.id for choice in answer.question.choices.all() if choice.is_correct)
        answers = {answer.question_id: Response(chosen=frozenset({right}))}

        def save():
            return attempts.save_answers(attempt_id=attempt_id, user_id=learner.id, answers=answers)

        calls = [lambda: submit(attempt_id, learner), save]
        _, saved = race(lambda number: calls[number](), 2)
        answer.refresh_from_db()
        if isinstance(saved, AttemptClosed):
            assert (answer.chosen, answer.points) == ([], 0)
        else:
            assert (answer.chosen, answer.points) == ([right], 1)
