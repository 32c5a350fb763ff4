"""The door of courses: cards, outlines and lessons to read; what imports, quizzes and the demo write.

Writes are no-ops (no new version, no fact) where nothing changes. Whether someone may write is for the caller to ask.
"""

from datetime import datetime
from uuid import UUID

from apps.courses.actions.categories import add_category
from apps.courses.actions.courses import archive_course, create_course, edit_course, publish_course
from apps.courses.actions.locks import hold_course
from apps.courses.actions.outline import (
    add_lesson,
    add_module,
    edit_lesson,
    edit_module,
    remove_lesson,
    remove_module,
    reorder,
    set_needs_quiz,
)
from apps.courses.actions.team import add_instructor, remove_instructor
from apps.courses.queries import detail
from apps.courses.queries.courses import (
    category_exists,
    get_card,
    get_cards,
    get_lesson,
    get_lessons,
    list_taught_ids,
    list_team,
    teaches,
)
from apps.courses.types import Outline

__all__ = [
    "add_category",
    "add_instructor",
    "add_lesson",
    "add_module",
    "archive_course",
    "category_exists",
    "create_course",
    "edit_course",
    "edit_lesson",
    "edit_module",
    "get_card",
    "get_cards",
    "get_lesson",
    "get_lessons",
    "get_outline",
    "hold_course",
    "list_taught",
    "list_team",
    "publish_course",
    "remove_instructor",
    "remove_lesson",
    "remove_module",
    "reorder",
    "set_cover",
    "set_needs_quiz",
    "teaches",
]


def get_outline(*, course_id: UUID) -> Outline:
    """What is to be learnt in the course, in order, whatever its state; raises CourseNotFound."""
    return detail.get_outline(course_id=course_id, user_id=None, sees_drafts=True)


def list_taught(*, user_id: UUID) -> list[UUID]:
    """The courses the person teaches, oldest first."""
    return list_taught_ids(user_id=user_id)


def set_cover(*, course_id: UUID, asset_id: UUID | None, by: UUID, now: datetime) -> None:
    """Shows this picture with the course, or none; raises UnusableCover unless it is public, ready, an instructor's."""
    edit_course(course_id=course_id, by=by, now=now, cover_id=asset_id)
