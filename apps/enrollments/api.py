"""The door of enrollments: access, seats, progress, and what a passed quiz opens."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from apps.enrollments import actions, queries
from apps.enrollments.errors import EnrollmentNotFound
from apps.enrollments.types import Enrollment, LessonWritten, Source, TakenBack
from learninghub.db import Figures


def enrol(*, user_id: UUID, course_id: UUID, source: Source, now: datetime) -> Enrollment:
    """Enrols the learner, or gives the enrolment they already have: harmless twice, for handlers.

    Raises SeatsExhausted, CourseNotOpen, CourseNotPaid (source free, course not), AccessTakenBack, and the courses'
    CourseNotFound (also for a draft).
    """
    return actions.ensure_enrolled(user_id=user_id, course_id=course_id, source=source, now=now)


def admit(*, user_id: UUID, course_id: UUID, source: Source, now: datetime) -> Enrollment:
    """As `enrol` for someone who must not have access yet: raises AlreadyEnrolled, too."""
    return actions.enrol(user_id=user_id, course_id=course_id, source=source, now=now)


def hold_seat(*, user_id: UUID, course_id: UUID, until: datetime, now: datetime) -> None:
    """Keeps a seat free for a learner who pays, in the caller's transaction; `enrol` makes it theirs. Harmless twice.

    Raises AlreadyEnrolled, SeatsExhausted, CourseNotOpen, and the courses' CourseNotFound (also for a draft).
    """
    actions.hold_seat(user_id=user_id, course_id=course_id, until=until, now=now)


def release_seat(*, user_id: UUID, course_id: UUID) -> None:
    """Lets go of the seat held for the learner; without effect where none is."""
    actions.release_seat(user_id=user_id, course_id=course_id)


def take_back(*, user_id: UUID, course_id: UUID, reason: TakenBack) -> None:
    """Takes a bought course from the learner again, in the caller's transaction. Harmless twice.

    Whoever has it by another source keeps it.
    """
    actions.take_back(user_id=user_id, course_id=course_id, reason=reason)


def has_access(*, user_id: UUID, course_id: UUID) -> bool:
    """Whether the learner may take the course now."""
    return queries.has_access(user_id=user_id, course_id=course_id)


def has_access_many(*, user_id: UUID, course_ids: Collection[UUID]) -> set[UUID]:
    """Those of the courses that the learner may take now."""
    return queries.list_accessible(user_id=user_id, course_ids=course_ids)


def find_enrollment(*, user_id: UUID, course_id: UUID) -> Enrollment | None:
    """The learner's enrolment in the course, whatever its state."""
    return queries.find_own(user_id=user_id, course_id=course_id)


def get_enrollment(*, enrollment_id: UUID) -> Enrollment:
    """One enrolment; raises EnrollmentNotFound."""
    found = queries.list_by_id(ids=[enrollment_id]).get(enrollment_id)
    if found is None:
        raise EnrollmentNotFound
    return found


def get_enrollments(*, ids: Collection[UUID]) -> dict[UUID, Enrollment]:
    """Many enrolments in one statement; unknown ids are left out."""
    return queries.list_by_id(ids=ids)


def list_learner_ids(*, course_id: UUID) -> list[UUID]:
    """Who may take the course now, in the order of its roster."""
    return queries.list_learner_ids(course_id=course_id)


def record_progress(
    *,
    enrollment_id: UUID,
    lesson_id: UUID,
    by: UUID,
    completed: bool,
    position_seconds: int | None = None,
    now: datetime,
) -> LessonWritten:
    """Keeps how far the learner is with a lesson; with the last required one the course is completed. Harmless twice.

    Raises EnrollmentNotFound, EnrollmentEnded, LessonNotInCourse, QuizNotPassed.
    """
    return actions.record_progress(
        enrollment_id=enrollment_id,
        lesson_id=lesson_id,
        by=by,
        completed=completed,
        position_seconds=position_seconds,
        now=now,
    )


def record_quiz_result(*, user_id: UUID, lesson_id: UUID, course_id: UUID, passed: bool, now: datetime) -> None:
    """Keeps that the learner passed the lesson's quiz, in the caller's transaction, so that they can complete it.

    Harmless twice; a later failure takes nothing back; without effect for who is not enrolled.
    """
    actions.record_quiz_result(user_id=user_id, lesson_id=lesson_id, course_id=course_id, passed=passed, now=now)


def figures(*, first: date, last: date) -> Figures:
    """The enrolments and completions of each day."""
    return queries.figures(first=first, last=last)
