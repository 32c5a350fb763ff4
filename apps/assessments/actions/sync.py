"""Bringing a lesson's quiz to what an import states, by writing the difference alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.assessments.actions import questions as writing
from apps.assessments.actions.quizzes import (
    SETTINGS,
    apply_settings,
    create_quiz,
    find_locked,
    remove_quiz_of_lesson,
    settle,
)
from apps.assessments.models import Question, Quiz
from apps.assessments.queries.quizzes import list_asked_ids, with_choices
from apps.assessments.rules.shapes import quiz_problems
from apps.assessments.types import QuestionSpec, QuizSpec, SyncedQuiz
from apps.courses import api as courses
from apps.courses.errors import LessonNotFound
from learninghub.errors import Invalid


@transaction.atomic
def sync_quiz(*, lesson_id: UUID, spec: QuizSpec, by: UUID, now: datetime) -> SyncedQuiz:
    """Makes the lesson's quiz what the spec says, writing only what differs: nothing where it is so already.

    Questions are found again by `source_key`, those without one by being the same. Who was asked an old question keeps
    it. Locks the course and the quiz. Raises LessonNotFound (also to who does not teach the course), Invalid.
    """
    spec = replace(spec, questions=tuple(writing.with_safe_texts(question) for question in spec.questions))
    problems = quiz_problems(spec)
    if problems:
        raise Invalid(errors=problems)
    settings = {name: getattr(spec, name) for name in SETTINGS}
    quiz = find_locked(lesson_id=lesson_id)
    if quiz is None:
        quiz = create_quiz(lesson_id=lesson_id, by=by, **settings)
        written = 1
    else:
        if not courses.teaches(user_id=by, course_id=quiz.course_id):
            raise LessonNotFound
        written = int(apply_settings(quiz, settings))
    written += _sync_questions(quiz, spec.questions, now=now)
    if written:
        settle(quiz, now=now)
    return SyncedQuiz(quiz_id=quiz.id, written=written)


@transaction.atomic
def remove_quiz(*, lesson_id: UUID, by: UUID, now: datetime) -> None:
    """Takes the quiz from the lesson; no effect where there is none. Raises LessonNotFound to who does not teach it."""
    if not courses.teaches(user_id=by, course_id=courses.get_lesson(lesson_id=lesson_id).course_id):
        raise LessonNotFound
    remove_quiz_of_lesson(lesson_id=lesson_id, now=now)


def _sync_questions(quiz: Quiz, specs: Sequence[QuestionSpec], *, now: datetime) -> int:
    stored = list(with_choices(quiz.questions.live()).order_by("position", "id"))
    found = _matched(stored, specs)
    staying = {question.id for question in found if question}
    leaving = [question for question in stored if question.id not in staying]
    asked = list_asked_ids(question_ids=[question.id for question in stored])
    written = sum(writing.drop(question, is_asked=question.id in asked, now=now) for question in leaving)
    for place, (question, spec) in enumerate(zip(found, specs, strict=True), start=1):
        written += _put(quiz, question, spec, place=place, is_asked=bool(question and question.id in asked), now=now)
    return written


def _matched(stored: Sequence[Question], specs: Sequence[QuestionSpec]) -> list[Question | None]:
    by_key = {question.source_key: question for question in stored if question.source_key}
    nameless = [question for question in stored if not question.source_key]
    found: list[Question | None] = []
    for spec in specs:
        if spec.source_key:
            found.append(by_key.get(spec.source_key))
            continue
        same = next((question for question in nameless if writing.spec_of(question) == spec), None)
        if same:
            nameless.remove(same)
        found.append(same)
    return found


def _put(
    quiz: Quiz, question: Question | None, spec: QuestionSpec, *, place: int, is_asked: bool, now: datetime
) -> int:
    if question is not None and writing.spec_of(question) == spec:
        if question.position == place:
            return 0
        question.position = place
        question.save(update_fields=["position", "updated_at"])
        return 1
    if question is not None and not is_asked:
        return writing.rewrite(question, spec, position=place, now=now)
    if question is not None:
        writing.retire(question, now=now)
    writing.create(quiz, spec, position=place, instead_of=question, now=now)
    return int(question is not None) + 1 + len(spec.choices)
