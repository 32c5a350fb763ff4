"""The rules of progress: when a course is complete, where a learner goes on, how names are sorted."""

import unicodedata
from collections.abc import Sequence
from uuid import UUID

from apps.enrollments.types import LessonMark, ResumePoint


def is_complete(*, done: int, required: int) -> bool:
    """All required lessons are done; a course that requires none cannot be completed."""
    return 0 < required <= done


def percent(*, done: int, total: int) -> int:
    """The share of the total that is done, rounded down: 100 only when all is done, never more; 0 of nothing."""
    return min(100, 100 * done // total) if total else 0


def resume_point(marks: Sequence[LessonMark], *, last_lesson_id: UUID | None) -> ResumePoint | None:
    """Where to go on in a course whose lessons come in order.

    The lesson last worked on while it is unfinished, else the first unfinished one after it, else the first unfinished
    one of all; None when nothing is left.
    """
    places = {mark.lesson_id: place for place, mark in enumerate(marks)}
    start = places.get(last_lesson_id, 0) if last_lesson_id else 0
    for mark in (*marks[start:], *marks[:start]):
        if mark.completed_at is None:
            return ResumePoint(lesson_id=mark.lesson_id, position_seconds=mark.position_seconds)
    return None


def sort_key(name: str) -> str:
    """The name as lists order and search it: case and accents set aside, spaces joined."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())
