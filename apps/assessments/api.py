"""The door of assessments: quizzes that imports write and lessons show."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from apps.assessments.actions import sync
from apps.assessments.actions.whole import take_quiz
from apps.assessments.models import Quiz
from apps.assessments.queries.quizzes import find_by_lesson
from apps.assessments.types import QuizCard, QuizSpec, SyncedQuiz

__all__ = ["find_quiz", "find_quizzes", "remove_quiz", "sync_quiz", "take_quiz"]


def sync_quiz(*, lesson_id: UUID, spec: QuizSpec, by: UUID, now: datetime) -> SyncedQuiz:
    """Makes the lesson's quiz what the spec says, writing only the difference: 0 rows where it is so already.

    A question that some learner was asked is retired and asked anew, never changed. Raises Invalid, and the courses'
    LessonNotFound (also to who does not teach the course).
    """
    return sync.sync_quiz(lesson_id=lesson_id, spec=spec, by=by, now=now)


def remove_quiz(*, lesson_id: UUID, by: UUID, now: datetime) -> None:
    """Takes the quiz from the lesson, which then no longer waits for it; no effect where there is none.

    Raises the courses' LessonNotFound to who does not teach the course.
    """
    sync.remove_quiz(lesson_id=lesson_id, by=by, now=now)


def find_quiz(*, lesson_id: UUID) -> QuizCard | None:
    """The lesson's quiz, if it has one."""
    return find_quizzes(lesson_ids=[lesson_id]).get(lesson_id)


def find_quizzes(*, lesson_ids: Collection[UUID]) -> dict[UUID, QuizCard]:
    """The quizzes of many lessons by lesson, in one statement; lessons without one are left out."""
    return {lesson_id: _card(quiz) for lesson_id, quiz in find_by_lesson(lesson_ids=lesson_ids).items()}


def _card(quiz: Quiz) -> QuizCard:
    return QuizCard(
        id=quiz.id,
        lesson_id=quiz.lesson_id,
        course_id=quiz.course_id,
        title=quiz.title,
        pass_percent=quiz.pass_percent,
        is_required=quiz.is_required,
    )
