"""One course as its page shows it, and its outline: one statement each, and a draft only for those who may see it."""

from typing import Any
from uuid import UUID

from django.db import connection

from apps.courses.errors import CourseNotFound, LessonNotFound, ModuleNotFound
from apps.courses.models import Lesson, Module
from apps.courses.types import Outline, OutlineLesson, OutlineModule
from apps.media import api as media

_VISIBLE = """
    c.id = %(course_id)s AND c.removed_at IS NULL AND (
        c.state <> 'draft' OR %(sees_drafts)s OR EXISTS (
            SELECT 1 FROM courses_courseinstructor mine WHERE mine.course_id = c.id AND mine.user_id = %(user_id)s
        )
    )
"""

_DETAIL = f"""
    SELECT c.id, c.title, c.summary, c.description, c.language, c.level, c.price_amount, c.currency, c.capacity,
        c.learners, c.rating::float8 AS rating, c.rating_count, c.author_id, c.author_name, c.cover_id, c.state,
        c.published_at, c.updated_at, c.version,
        ARRAY(
            SELECT k.slug FROM courses_coursecategory s JOIN courses_category k ON k.id = s.category_id
            WHERE s.course_id = c.id ORDER BY k.slug
        ) AS categories,
        ARRAY(
            SELECT ARRAY[t.user_id::text, t.name] FROM courses_courseinstructor t
            WHERE t.course_id = c.id ORDER BY t.id
        ) AS instructors
    FROM courses_course c
    WHERE {_VISIBLE}
"""  # noqa: S608 - constants of this module

_MODULE = ("id", "title", "position", "version")
_LESSON = ("id", "title", "position", "is_preview", "is_required", "needs_quiz", "version")
_OUTLINE = f"""
    SELECT c.version, m.id, m.title, m.position, m.version,
        l.id, l.title, l.position, l.is_preview, l.is_required, l.needs_quiz, l.version
    FROM courses_course c
    LEFT JOIN courses_module m ON m.course_id = c.id AND m.removed_at IS NULL
    LEFT JOIN courses_lesson l ON l.module_id = m.id AND l.removed_at IS NULL
    WHERE {_VISIBLE}
    ORDER BY m.position, l.position
"""  # noqa: S608 - constants of this module


def get_detail(*, course_id: UUID, user_id: UUID | None, sees_drafts: bool = False) -> dict[str, Any]:
    """The course with its categories and instructors; raises CourseNotFound for a draft of others as for none."""
    with connection.cursor() as cursor:
        cursor.execute(_DETAIL, {"course_id": course_id, "user_id": user_id, "sees_drafts": sees_drafts})
        found = cursor.fetchone()
        names = [column.name for column in cursor.description or ()]
    if found is None:
        raise CourseNotFound
    course = dict(zip(names, found, strict=True))
    course["instructors"] = [{"id": UUID(key), "name": name} for key, name in course["instructors"]]
    course["cover_url"] = (
        media.public_url(asset_id=course["cover_id"], rendition="large") if course["cover_id"] else None
    )
    return course


def get_outline(*, course_id: UUID, user_id: UUID | None, sees_drafts: bool = False) -> Outline:
    """What is to be learnt, in order; raises CourseNotFound for a draft of others, as for none at all."""
    with connection.cursor() as cursor:
        cursor.execute(_OUTLINE, {"course_id": course_id, "user_id": user_id, "sees_drafts": sees_drafts})
        rows = cursor.fetchall()
    if not rows:
        raise CourseNotFound
    heads: dict[UUID, tuple[Any, ...]] = {}
    lessons: dict[UUID, list[OutlineLesson]] = {}
    for _, module_id, title, position, version, *lesson in rows:
        if module_id is None:
            continue
        heads[module_id] = (title, position, version)
        inside = lessons.setdefault(module_id, [])
        if lesson[0] is not None:
            inside.append(OutlineLesson(**dict(zip(_LESSON, lesson, strict=True))))
    modules = tuple(
        OutlineModule(id=module_id, title=title, position=position, version=version, lessons=tuple(lessons[module_id]))
        for module_id, (title, position, version) in heads.items()
    )
    return Outline(course_id=course_id, version=rows[0][0], modules=modules)


def get_outline_module(*, module_id: UUID) -> OutlineModule:
    """A module in its place, with its lessons; raises ModuleNotFound for one that was removed."""
    module = Module.objects.filter(id=module_id, removed_at__isnull=True).values(*_MODULE).first()
    if module is None:
        raise ModuleNotFound
    lessons = Lesson.objects.filter(module_id=module_id, removed_at__isnull=True).order_by("position").values(*_LESSON)
    return OutlineModule(**module, lessons=tuple(OutlineLesson(**lesson) for lesson in lessons))


def get_outline_lesson(*, lesson_id: UUID) -> OutlineLesson:
    """A lesson in its place; raises LessonNotFound for one that was removed."""
    lesson = Lesson.objects.filter(id=lesson_id, removed_at__isnull=True).values(*_LESSON).first()
    if lesson is None:
        raise LessonNotFound
    return OutlineLesson(**lesson)
