"""Making, changing and removing quizzes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.assessments.errors import LessonHasQuiz, QuizNotFound
from apps.assessments.models import Quiz
from apps.assessments.rules.shapes import quiz_problems
from apps.assessments.types import Keep, QuizSpec
from apps.courses import api as courses
from apps.courses.errors import LessonNotFound
from learninghub.errors import Invalid, LostUpdate
from learninghub.jobs import enqueue

SETTINGS = (
    "title",
    "pass_percent",
    "is_required",
    "attempt_limit",
    "time_limit_s",
    "shuffle",
    "keep",
    "partial_credit",
)
GRADING = frozenset({"pass_percent", "keep"})


@transaction.atomic
def create_quiz(*, lesson_id: UUID, by: UUID, is_staff: bool = False, **settings: Any) -> Quiz:
    """Gives the lesson its quiz, without questions yet; its title is the lesson's unless `settings` say otherwise.

    Raises LessonNotFound (also to who neither teaches the course nor is staff), LessonHasQuiz, Invalid.
    """
    lesson = courses.get_lesson(lesson_id=lesson_id)
    if lesson.is_removed or not (is_staff or courses.teaches(user_id=by, course_id=lesson.course_id)):
        raise LessonNotFound
    courses.hold_course(course_id=lesson.course_id)
    quiz = Quiz(lesson_id=lesson_id, course_id=lesson.course_id, **{"title": lesson.title, **settings})
    _refuse_nonsense(quiz)
    try:
        with transaction.atomic():
            quiz.save(force_insert=True)
    except IntegrityError as error:
        raise LessonHasQuiz from error
    return quiz


@transaction.atomic
def change_quiz(*, quiz_id: UUID, changes: dict[str, Any], expected_version: int | None, now: datetime) -> Quiz:
    """Changes settings of a quiz; attempts under way keep their deadline and questions.

    What counts, and what passes, is looked at again for everyone by a job. Nothing is written where nothing changes.
    Raises QuizNotFound, LostUpdate, Invalid.
    """
    quiz = lock_quiz(quiz_id=quiz_id, expected_version=expected_version)
    if apply_settings(quiz, changes):
        settle(quiz, now=now)
    return quiz


@transaction.atomic
def remove_quiz(*, quiz_id: UUID, expected_version: int | None, now: datetime) -> None:
    """Takes the quiz from its lesson; attempts and grades stay in the database. Raises QuizNotFound, LostUpdate."""
    quiz = lock_quiz(quiz_id=quiz_id, expected_version=expected_version)
    quiz.removed_at = now
    settle(quiz, now=now)


@transaction.atomic
def remove_quiz_of_lesson(*, lesson_id: UUID, now: datetime) -> None:
    """Takes the quiz from the lesson; no effect where there is none, so harmless twice."""
    quiz = find_locked(lesson_id=lesson_id)
    if quiz is not None:
        quiz.removed_at = now
        settle(quiz, now=now)


def lock_quiz(*, quiz_id: UUID, expected_version: int | None = None) -> Quiz:
    """The quiz as `find_locked` locks it, which every author does first; raises QuizNotFound, LostUpdate."""
    quiz = find_locked(id=quiz_id)
    if quiz is None:
        raise QuizNotFound
    if expected_version is not None and expected_version != quiz.version:
        raise LostUpdate
    return quiz


def find_locked(**which: UUID) -> Quiz | None:
    """The live quiz of this `id` or `lesson_id` under its course's lock and then its own; None where there is none."""
    quizzes = Quiz.objects.live().filter(**which)
    course_id = quizzes.values_list("course_id", flat=True).first()
    if course_id is None:
        return None
    courses.hold_course(course_id=course_id)
    return quizzes.select_for_update(no_key=True).first()


def apply_settings(quiz: Quiz, settings: dict[str, Any]) -> bool:
    """Puts the settings on a stored quiz and asks for new grades where they need it; tells whether any is new.

    The quiz is left to be saved by `settle`. Raises Invalid.
    """
    new = {name: value for name, value in settings.items() if getattr(quiz, name) != value}
    for name, value in new.items():
        setattr(quiz, name, value)
    _refuse_nonsense(quiz)
    if not GRADING.isdisjoint(new):
        enqueue("assessments.regrade", quiz.id)
    return bool(new)


def settle(quiz: Quiz, *, now: datetime) -> None:
    """Saves a changed quiz as its next version, and tells the lesson whether it now needs a quiz.

    A quiz without questions could never be passed, so the lesson does not wait for it.
    """
    quiz.version += 1
    quiz.save(update_fields=[*SETTINGS, "version", "removed_at", "updated_at"])
    lesson = courses.get_lesson(lesson_id=quiz.lesson_id)
    if not lesson.is_removed:
        needs_quiz = quiz.removed_at is None and quiz.is_required and quiz.questions.live().exists()
        courses.set_needs_quiz(lesson_id=quiz.lesson_id, needs_quiz=needs_quiz, now=now)


def _refuse_nonsense(quiz: Quiz) -> None:
    settings = {name: getattr(quiz, name) for name in SETTINGS}
    problems = quiz_problems(QuizSpec(questions=(), **settings | {"keep": Keep(quiz.keep)}))
    if problems:
        raise Invalid(errors=problems)
