"""What enrollments tells other apps."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Source(StrEnum):
    """What an enrolment rests on."""

    FREE = "free"
    PURCHASE = "purchase"
    GRANT = "grant"


class EnrollmentState(StrEnum):
    """Where an enrolment stands; the first two give access."""

    ACTIVE = "active"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


class TakenBack(StrEnum):
    """Why access to a bought course ends."""

    REFUND = "refund"
    DISPUTE = "dispute"


class RosterSort(StrEnum):
    """The orders of a roster."""

    NAME = "name"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """One learner in one course; the lesson counts are of required lessons."""

    id: UUID
    user_id: UUID
    course_id: UUID
    state: EnrollmentState
    source: Source
    enrolled_at: datetime
    completed_at: datetime | None
    percent: int
    completed_lessons: int
    required_lessons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonMark:
    """How far one learner is with one lesson of the course as it stands."""

    lesson_id: UUID
    is_required: bool
    needs_quiz: bool
    is_quiz_passed: bool
    position_seconds: int
    completed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePoint:
    """Where a learner goes on: a lesson, and how far into it."""

    lesson_id: UUID
    position_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonWritten:
    """What a progress write left behind, and what it brought about for the first time."""

    enrollment_id: UUID
    user_id: UUID
    course_id: UUID
    lesson_id: UUID
    position_seconds: int
    completed_at: datetime | None
    state: EnrollmentState
    percent: int
    completed_lessons: int
    required_lessons: int
    is_newly_completed: bool
    is_course_finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonFigures:
    """How many of a course's learners have completed one lesson."""

    lesson_id: UUID
    completed: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseFigures:
    """A course in numbers; `enrolled` are those with access, `average_percent` is rounded down."""

    course_id: UUID
    enrolled: int
    active: int
    completed: int
    average_percent: int
    lessons: tuple[LessonFigures, ...]
