"""Grades of a course: for its instructors by learner, for a learner by quiz."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from apps.assessments.models import Grade, Override, Quiz
from apps.assessments.queries.quizzes import get_quiz, list_in_lesson_order, list_of_course
from apps.assessments.rules.scoring import is_passed
from apps.enrollments import api as enrollments
from apps.users import api as users
from learninghub.http.pagination import Page, PageRequest, page_of, read_cursor

CHUNK: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizGrade:
    """One learner's grade in one quiz: `score` is what counts, `computed_score` what the attempts alone make."""

    quiz_id: UUID
    title: str
    attempts: int
    attempt_limit: int | None
    computed_score: Decimal | None
    score: Decimal | None
    is_passed: bool
    is_overridden: bool
    override_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerGrades:
    """One row of the gradebook; the grades stand in the order of the course's lessons."""

    user_id: UUID
    display_name: str
    grades: tuple[QuizGrade, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be written out row by row."""

    header: Sequence[object]
    rows: Iterator[Sequence[object]]


def list_learners(*, course_id: UUID, page: PageRequest) -> Page[LearnerGrades]:
    """The gradebook, a page of learners by id; the same number of statements for every size."""
    learner_ids = sorted(enrollments.list_learner_ids(course_id=course_id))
    shown, has_next, has_previous = _window(learner_ids, page)
    rows = _rows(learner_ids=shown, quizzes=list_in_lesson_order(course_id=course_id))
    return page_of(rows, names=["user_id"], has_next=has_next, has_previous=has_previous)


def get_table(*, course_id: UUID) -> Table:
    """The whole gradebook as a table in the order of roster and lessons, its rows read in chunks as they are asked."""
    quizzes = list_in_lesson_order(course_id=course_id)
    learner_ids = enrollments.list_learner_ids(course_id=course_id)
    chunks = (learner_ids[start : start + CHUNK] for start in range(0, len(learner_ids), CHUNK))
    learners = (row for chunk in chunks for row in _rows(learner_ids=chunk, quizzes=quizzes))
    return Table(
        header=["Learner", "Id", *(quiz.title for quiz in quizzes)],
        rows=([row.display_name, row.user_id, *(grade.score for grade in row.grades)] for row in learners),
    )


def list_own(*, course_id: UUID, user_id: UUID, page: PageRequest) -> Page[QuizGrade]:
    """The learner's own grades, quiz by quiz."""
    quizzes = list_of_course(course_id=course_id, page=page)
    grades = _grades(learner_ids=[user_id], quizzes=quizzes.results)
    return Page(results=grades[user_id], next=quizzes.next, previous=quizzes.previous)


def get_grade(*, quiz_id: UUID, user_id: UUID) -> QuizGrade:
    """One learner's grade in one quiz; raises QuizNotFound."""
    return _grades(learner_ids=[user_id], quizzes=[get_quiz(quiz_id=quiz_id)])[user_id][0]


def _rows(*, learner_ids: Sequence[UUID], quizzes: Sequence[Quiz]) -> list[LearnerGrades]:
    people = users.get_people(ids=learner_ids)
    grades = _grades(learner_ids=learner_ids, quizzes=quizzes)
    return [
        LearnerGrades(user_id=user_id, display_name=people[user_id].display_name, grades=tuple(grades[user_id]))
        for user_id in learner_ids
        if user_id in people
    ]


def _grades(*, learner_ids: Collection[UUID], quizzes: Sequence[Quiz]) -> dict[UUID, list[QuizGrade]]:
    of_these = {"user_id__in": learner_ids, "quiz_id__in": [quiz.id for quiz in quizzes]}
    computed = {(grade.user_id, grade.quiz_id): grade for grade in Grade.objects.filter(**of_these).order_by("id")}
    standing = Override.objects.filter(**of_these, withdrawn_at__isnull=True).order_by("id")
    overrides = {(override.user_id, override.quiz_id): override for override in standing}
    return {
        user_id: [
            _grade(quiz, grade=computed.get((user_id, quiz.id)), override=overrides.get((user_id, quiz.id)))
            for quiz in quizzes
        ]
        for user_id in learner_ids
    }


def _grade(quiz: Quiz, *, grade: Grade | None, override: Override | None) -> QuizGrade:
    computed = grade.score if grade else None
    score = override.score if override else computed
    return QuizGrade(
        quiz_id=quiz.id,
        title=quiz.title,
        attempts=grade.attempts if grade else 0,
        attempt_limit=quiz.attempt_limit,
        computed_score=computed,
        score=score,
        is_passed=score is not None and is_passed(score, pass_percent=quiz.pass_percent),
        is_overridden=override is not None,
        override_reason=override.reason if override else "",
    )


def _window(ordered: Sequence[UUID], page: PageRequest) -> tuple[Sequence[UUID], bool, bool]:
    position = read_cursor(page.cursor, 1)
    if position is None:
        return ordered[: page.size], len(ordered) > page.size, False
    last_seen = str(position.values[0])
    if position.backwards:
        end = bisect_left(ordered, last_seen, key=str)
        start = max(0, end - page.size)
        return ordered[start:end], True, start > 0
    start = bisect_right(ordered, last_seen, key=str)
    return ordered[start : start + page.size], start + page.size < len(ordered), True
