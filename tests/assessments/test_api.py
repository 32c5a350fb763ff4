"""The door: bringing a quiz to what an import states, and finding it."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.assessments import api as assessments
from apps.assessments.models import Answer, Attempt, Choice, Question, Quiz
from apps.assessments.types import Choice as ChoiceSpec
from apps.assessments.types import QuizCard, QuizSpec
from apps.courses import api as courses
from apps.courses.errors import LessonNotFound
from apps.courses.events import OutlineChanged
from learninghub.clock import now
from learninghub.errors import Invalid
from tests.support.assessments import ALL_KINDS, MULTIPLE, NUMERICAL, SHORT_TEXT, SINGLE, make_quiz, pass_quiz
from tests.support.courses import lesson_ids
from tests.support.people import make_person

pytestmark = pytest.mark.django_db

SPEC = QuizSpec("Sums and states", ALL_KINDS)


@pytest.fixture
def sync(lesson, teacher):
    return lambda spec: assessments.sync_quiz(lesson_id=lesson, spec=spec, by=teacher.id, now=now())


def stored():
    questions = Question.objects.live().order_by("position")
    return [(question.source_key, question.position, question.id) for question in questions]


class TestSynchronising:
    def test_writes_the_whole_quiz_and_tells_the_lesson(self, sync, lesson):
        synced = sync(SPEC)
        assert synced.written == 1 + 5 + 3 + 5 + 2  # the quiz, its questions, their choices
        assert [key for key, _, _ in stored()] == ["sum", "primes", "earth", "pi", "state"]
        assert courses.get_lesson(lesson_id=lesson).needs_quiz
        assert Quiz.objects.get(id=synced.quiz_id).title == "Sums and states"

    def test_the_same_again_writes_nothing_and_states_nothing(self, sync, published):
        first = sync(SPEC)
        before, facts = Quiz.objects.values().get(), published(OutlineChanged)
        with CaptureQueriesContext(connection) as captured:
            assert sync(SPEC) == replace(first, written=0)
        written = [
            query["sql"] for query in captured if query["sql"].startswith(("INSERT", "UPDATE", "DELETE", "with"))
        ]
        assert written == []
        assert Quiz.objects.values().get() == before
        assert published(OutlineChanged) == facts

    def test_a_changed_question_is_changed_alone_and_keeps_its_ids(self, sync):
        sync(SPEC)
        before, choices = stored(), set(Choice.objects.values_list("id", flat=True))
        better = replace(MULTIPLE, choices=(*MULTIPLE.choices[:4], ChoiceSpec("8", False), ChoiceSpec("7", True)))
        assert sync(replace(SPEC, questions=(SINGLE, better, *ALL_KINDS[2:]))).written == 3
        assert stored() == before
        assert choices < set(Choice.objects.values_list("id", flat=True))
        assert Choice.objects.count() == len(choices) + 1

    def test_a_setting_is_changed_alone(self, sync):
        sync(SPEC)
        assert sync(replace(SPEC, pass_percent=80)).written == 1
        assert Quiz.objects.get().pass_percent == 80

    def test_moving_keeps_the_questions(self, sync):
        sync(SPEC)
        ids = {key: question_id for key, _, question_id in stored()}
        assert sync(replace(SPEC, questions=ALL_KINDS[::-1])).written == 4
        assert stored() == [
            (spec.source_key, place, ids[spec.source_key]) for place, spec in enumerate(ALL_KINDS[::-1], start=1)
        ]

    def test_what_is_no_longer_there_goes(self, sync):
        sync(SPEC)
        assert sync(replace(SPEC, questions=ALL_KINDS[1:])).written == 1 + 3 + 4  # with its choices; four move up
        assert Question.objects.count() == 4

    def test_questions_without_a_key_are_known_by_what_they_say(self, sync):
        nameless = tuple(replace(spec, source_key="") for spec in ALL_KINDS)
        sync(replace(SPEC, questions=nameless))
        before = stored()
        assert sync(replace(SPEC, questions=nameless)).written == 0
        assert sync(replace(SPEC, questions=(*nameless, NUMERICAL))).written == 1
        assert stored()[:5] == before

    def test_what_a_learner_was_asked_is_retired_and_asked_anew(self, sync, me, lesson):
        quiz_id = sync(SPEC).quiz_id
        graded = pass_quiz(me, quiz_id)
        old = Question.objects.get(source_key="sum")
        sync(replace(SPEC, questions=(replace(SINGLE, prompt="3 + 1?"), *ALL_KINDS[1:])))
        assert sync(replace(SPEC, questions=(replace(SINGLE, prompt="3 + 1?"), *ALL_KINDS[1:]))).written == 0
        old.refresh_from_db()
        assert (old.prompt, old.position) == ("<p>What is 2 + 2?</p>", None)
        assert Question.objects.live().get(source_key="sum").prompt == "3 + 1?"
        again = me.get(f"assessments/attempts/{graded['id']}/").json
        assert {**again, "clock": None} == {**graded, "clock": None}
        assert sync(replace(SPEC, questions=ALL_KINDS[1:])).written == 1 + 3 + 4
        assert Answer.objects.count() == 5
        assert Question.objects.live().count() == 4

    def test_unsafe_html_is_made_safe_and_then_stays_as_it_is(self, sync):
        unsafe = replace(SINGLE, prompt="<p onclick='x()'>2 + 2<script>alert(1)</script>?</p>")
        sync(replace(SPEC, questions=(unsafe,)))
        assert Question.objects.get().prompt == "<p>2 + 2?</p>"
        assert sync(replace(SPEC, questions=(unsafe,))).written == 0

    @pytest.mark.parametrize(
        ("spec", "field"),
        [
            (replace(SPEC, title=""), "title"),
            (replace(SPEC, questions=(SINGLE, replace(NUMERICAL, answers=("pi",)))), "questions.1.answers"),
            (replace(SPEC, questions=(replace(SHORT_TEXT, points=Decimal(0)),)), "questions.0.points"),
            (replace(SPEC, questions=(replace(SINGLE, prompt="<script>x</script>"),)), "questions.0.prompt"),
        ],
    )
    def test_a_quiz_that_cannot_be_asked_is_refused_whole(self, sync, lesson, spec, field):
        with pytest.raises(Invalid) as refused:
            sync(spec)
        assert set(refused.value.extras["errors"]) == {field}
        assert not Quiz.objects.exists()
        assert not courses.get_lesson(lesson_id=lesson).needs_quiz

    def test_is_for_the_courses_instructors(self, lesson):
        stranger = make_person(roles={"instructor"})
        with pytest.raises(LessonNotFound):
            assessments.sync_quiz(lesson_id=lesson, spec=SPEC, by=stranger.id, now=now())
        make_quiz(lesson)
        with pytest.raises(LessonNotFound):
            assessments.sync_quiz(lesson_id=lesson, spec=SPEC, by=stranger.id, now=now())
        with pytest.raises(LessonNotFound):
            assessments.remove_quiz(lesson_id=lesson, by=stranger.id, now=now())
        assert Quiz.objects.get().title == "Quiz"
        assert Quiz.objects.live().exists()

    def test_a_quiz_that_is_not_required_does_not_hold_the_lesson_up(self, sync, lesson):
        sync(replace(SPEC, is_required=False))
        assert not courses.get_lesson(lesson_id=lesson).needs_quiz
        sync(SPEC)
        assert courses.get_lesson(lesson_id=lesson).needs_quiz
        sync(replace(SPEC, questions=()))
        assert not courses.get_lesson(lesson_id=lesson).needs_quiz


class TestRemoving:
    def test_frees_the_lesson_and_keeps_what_was_done(self, sync, lesson, teacher, me):
        quiz_id = sync(SPEC).quiz_id
        graded = pass_quiz(me, quiz_id)
        for _ in range(2):
            assessments.remove_quiz(lesson_id=lesson, by=teacher.id, now=now())
        assert assessments.find_quiz(lesson_id=lesson) is None
        assert not courses.get_lesson(lesson_id=lesson).needs_quiz
        assert me.get(f"assessments/attempts/{graded['id']}/").json["score"] == "100.00"
        assert me.post(f"assessments/quizzes/{quiz_id}/attempts/").status == 404
        assert Attempt.objects.count() == 1
        assert sync(SPEC).quiz_id != quiz_id

    def test_a_removed_lesson_takes_its_quiz_along(self, sync, lesson, teacher, deliver_all):
        sync(SPEC)
        courses.remove_lesson(lesson_id=lesson, by=teacher.id, now=now())
        deliver_all()
        assert assessments.find_quiz(lesson_id=lesson) is None


class TestFinding:
    def test_gives_cards_by_lesson_in_one_statement(self, course, queries_of):
        first, second, third = lesson_ids(course.id)
        one, two = make_quiz(first, title="One", pass_percent=50), make_quiz(second, title="Two", is_required=False)
        assert assessments.find_quizzes(lesson_ids=[first, second, third, uuid4()]) == {first: one, second: two}
        assert two == QuizCard(two.id, second, course.id, "Two", 60, False)
        assert assessments.find_quiz(lesson_id=third) is None
        assert queries_of(lambda: assessments.find_quizzes(lesson_ids=[first, second])) == 1
