"""Writing questions: what was never asked is changed in place, what was asked is retired and asked anew."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from apps.assessments.actions import pictures
from apps.assessments.actions.quizzes import lock_quiz, settle
from apps.assessments.errors import OrderMismatch
from apps.assessments.models import Choice, Question, Quiz
from apps.assessments.queries.quizzes import get_question, list_asked_ids
from apps.assessments.rules.shapes import question_problems
from apps.assessments.types import Choice as ChoiceSpec
from apps.assessments.types import QuestionKind, QuestionSpec, ToleranceKind
from learninghub.errors import Invalid
from learninghub.rich_text import sanitise

_PLAIN = ("kind", "prompt", "points", "tolerance", "tolerance_kind", "case_sensitive", "explanation", "source_key")


@transaction.atomic
def add_question(*, quiz_id: UUID, spec: QuestionSpec, expected_version: int | None, now: datetime) -> Question:
    """Puts a question at the end of the quiz; raises QuizNotFound, LostUpdate, Invalid."""
    spec = checked(spec)
    quiz = lock_quiz(quiz_id=quiz_id, expected_version=expected_version)
    last = quiz.questions.live().aggregate(last=Max("position"))["last"] or 0
    question = create(quiz, spec, position=last + 1, now=now)
    settle(quiz, now=now)
    return get_question(question_id=question.id)


@transaction.atomic
def change_question(
    *, question_id: UUID, changes: dict[str, Any], expected_version: int | None, now: datetime
) -> Question:
    """Changes a question; once it was asked, a new one takes its place and the answer carries the new id.

    Nothing is written where nothing changes. Raises QuestionNotFound, LostUpdate, Invalid.
    """
    quiz = lock_quiz(quiz_id=get_question(question_id=question_id).quiz_id, expected_version=expected_version)
    question = get_question(question_id=question_id)
    spec = checked(replace(spec_of(question), **changes))
    if spec == spec_of(question):
        return question
    position = question.position or 1
    if question.id in list_asked_ids(question_ids=[question.id]):
        retire(question, now=now)
        question = create(quiz, spec, position=position, instead_of=question, now=now)
    else:
        rewrite(question, spec, position=position, now=now)
    settle(quiz, now=now)
    return get_question(question_id=question.id)


@transaction.atomic
def remove_question(*, question_id: UUID, expected_version: int | None, now: datetime) -> None:
    """Takes a question out of the quiz; attempts that were asked it keep it. Raises QuestionNotFound, LostUpdate."""
    quiz = lock_quiz(quiz_id=get_question(question_id=question_id).quiz_id, expected_version=expected_version)
    question = get_question(question_id=question_id)
    drop(question, is_asked=bool(list_asked_ids(question_ids=[question_id])), now=now)
    settle(quiz, now=now)


@transaction.atomic
def reorder_questions(
    *, quiz_id: UUID, question_ids: Sequence[UUID], expected_version: int | None, now: datetime
) -> None:
    """Puts the questions in this order, which names each of them once.

    Raises QuizNotFound, LostUpdate, OrderMismatch.
    """
    quiz = lock_quiz(quiz_id=quiz_id, expected_version=expected_version)
    questions = {question.id: question for question in quiz.questions.live()}
    if len(question_ids) != len(questions) or set(question_ids) != set(questions):
        raise OrderMismatch
    moved = [questions[question_id] for question_id in question_ids]
    places = {question.id: place for place, question in enumerate(moved, start=1)}
    moved = [question for question in moved if question.position != places[question.id]]
    for question in moved:
        question.position = places[question.id]
    if moved:
        Question.objects.bulk_update(moved, ["position"])
        settle(quiz, now=now)


def checked(spec: QuestionSpec) -> QuestionSpec:
    """The question with safe texts; raises Invalid naming its fields."""
    safe = with_safe_texts(spec)
    problems = question_problems(safe)
    if problems:
        raise Invalid(errors=problems)
    return safe


def with_safe_texts(spec: QuestionSpec) -> QuestionSpec:
    """The question with all its HTML sanitised; one that is safe already stays the same."""
    return replace(
        spec,
        kind=QuestionKind(spec.kind),
        tolerance_kind=ToleranceKind(spec.tolerance_kind),
        tolerance=None if spec.tolerance is None else spec.tolerance.normalize(),
        prompt=sanitise(spec.prompt),
        explanation=sanitise(spec.explanation),
        choices=tuple(
            replace(choice, text=sanitise(choice.text), feedback=sanitise(choice.feedback)) for choice in spec.choices
        ),
    )


def spec_of(question: Question) -> QuestionSpec:
    """A stored question, its choices prefetched, as its author would state it."""
    return QuestionSpec(
        kind=QuestionKind(question.kind),
        prompt=question.prompt,
        points=question.points,
        choices=tuple(ChoiceSpec(kept.text, kept.is_correct, kept.feedback) for kept in question.choices.all()),
        answers=tuple(question.answers),
        tolerance=question.tolerance,
        tolerance_kind=ToleranceKind(question.tolerance_kind),
        case_sensitive=question.case_sensitive,
        explanation=question.explanation,
        source_key=question.source_key,
    )


def create(
    quiz: Quiz, spec: QuestionSpec, *, position: int, instead_of: Question | None = None, now: datetime
) -> Question:
    """Writes a new question of the quiz, unchecked but for its files: those of the one it replaces may stay.

    Raises PictureNotUsable.
    """
    plain = {name: getattr(spec, name) for name in _PLAIN}
    question = Question.objects.create(quiz=quiz, position=position, answers=list(spec.answers), **plain)
    Choice.objects.bulk_create(_choice(question, choice, place) for place, choice in enumerate(spec.choices, start=1))
    known = pictures.files_of(spec_of(instead_of)) if instead_of else set()
    pictures.hold(question_id=question.id, spec=spec, known=known, course_id=quiz.course_id, now=now)
    return question


def rewrite(question: Question, spec: QuestionSpec, *, position: int, now: datetime) -> int:
    """Writes the difference to a question never asked; its choices keep their ids by place. Counts the rows.

    Raises PictureNotUsable.
    """
    known = pictures.files_of(spec_of(question))
    pictures.hold(question_id=question.id, spec=spec, known=known, course_id=question.quiz.course_id, now=now)
    for name in _PLAIN:
        setattr(question, name, getattr(spec, name))
    question.answers, question.position = list(spec.answers), position
    question.save()
    kept = list(question.choices.all())
    changed = [
        choice
        for choice, new in zip(kept, spec.choices, strict=False)
        if (choice.text, choice.is_correct, choice.feedback) != (new.text, new.is_correct, new.feedback)
    ]
    for choice, new in zip(kept, spec.choices, strict=False):
        choice.text, choice.is_correct, choice.feedback = new.text, new.is_correct, new.feedback
    Choice.objects.bulk_update(changed, ["text", "is_correct", "feedback"])
    added = [
        _choice(question, choice, place)
        for place, choice in enumerate(spec.choices[len(kept) :], start=max((c.position for c in kept), default=0) + 1)
    ]
    Choice.objects.bulk_create(added)
    surplus = [choice.id for choice in kept[len(spec.choices) :]]
    Choice.objects.filter(id__in=surplus).delete()
    return 1 + len(changed) + len(added) + len(surplus)


def drop(question: Question, *, is_asked: bool, now: datetime) -> int:
    """Retires a question that was asked, deletes one that was not. Counts the rows."""
    if is_asked:
        retire(question, now=now)
        return 1
    pictures.let_go(question_id=question.id, shown=pictures.files_of(spec_of(question)), now=now)
    return question.delete()[0]


def retire(question: Question, *, now: datetime) -> None:
    """Asks the question no more."""
    question.retired_at, question.position = now, None
    question.save(update_fields=["retired_at", "position", "updated_at"])


def _choice(question: Question, spec: ChoiceSpec, position: int) -> Choice:
    return Choice(
        question=question, position=position, text=spec.text, is_correct=spec.is_correct, feedback=spec.feedback
    )
