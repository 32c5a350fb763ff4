"""Modules and lessons: adding, editing, removing, reordering; always under the lock of their course."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Unpack
from uuid import UUID

from django.db import transaction
from django.db.models import F

from apps.courses import rules
from apps.courses.actions.locks import check_version, lock_by_lesson, lock_by_module, lock_course, note_outline
from apps.courses.errors import CourseHasNoLessons, OutlineMismatch
from apps.courses.events import LessonRemoved
from apps.courses.models import Course, Lesson, Module
from apps.courses.types import CourseState, LessonChanges
from learninghub.outbox import publish


@transaction.atomic
def add_module(*, course_id: UUID, title: str, by: UUID, now: datetime) -> UUID:
    """A new module after the others; returns its id. Locks the course."""
    title = _title(title)
    course = lock_course(course_id)
    module = Module(course=course, title=title, position=_modules(course).count() + 1)
    module.save(force_insert=True)
    note_outline(course)
    return module.id


@transaction.atomic
def edit_module(*, module_id: UUID, title: str, by: UUID, now: datetime, expected_version: int | None = None) -> None:
    """Gives the module another title; a no-op when it has it. Locks the course. Raises LostUpdate."""
    course, module = lock_by_module(module_id)
    check_version(module, expected_version)
    _change(course, module, {"title": _title(title)})


@transaction.atomic
def remove_module(*, module_id: UUID, by: UUID, now: datetime, expected_version: int | None = None) -> None:
    """Takes the module and its lessons out of the course; their rows stay. Locks the course.

    Raises CourseHasNoLessons when a published course would be left without any, LostUpdate.
    """
    course, module = lock_by_module(module_id)
    check_version(module, expected_version)
    lessons = list(module.lessons.filter(removed_at__isnull=True).order_by("position"))
    _check_lessons_left(course, without=[lesson.id for lesson in lessons])
    _retire(course, lessons, now=now)
    place = module.position
    module.position, module.removed_at = None, now
    module.save(update_fields=["position", "removed_at", "updated_at"])
    _modules(course).filter(position__gt=place).update(position=F("position") - 1)
    note_outline(course)


@transaction.atomic
def add_lesson(
    *, module_id: UUID, title: str, by: UUID, now: datetime, is_preview: bool = False, is_required: bool = True
) -> UUID:
    """A new lesson at the end of the module; returns its id. Locks the course."""
    title = _title(title)
    course, module = lock_by_module(module_id)
    place = module.lessons.filter(removed_at__isnull=True).count() + 1
    lesson = Lesson(module=module, title=title, position=place, is_preview=is_preview, is_required=is_required)
    lesson.save(force_insert=True)
    note_outline(course)
    return lesson.id


@transaction.atomic
def edit_lesson(
    *, lesson_id: UUID, by: UUID, now: datetime, expected_version: int | None = None, **changes: Unpack[LessonChanges]
) -> None:
    """Changes the named fields; a no-op when all are as they were. Locks the course. Raises LostUpdate."""
    course, lesson = lock_by_lesson(lesson_id)
    check_version(lesson, expected_version)
    given: dict[str, Any] = dict(changes)
    if "title" in given:
        given["title"] = _title(given["title"])
    _change(course, lesson, given)


@transaction.atomic
def remove_lesson(*, lesson_id: UUID, by: UUID, now: datetime, expected_version: int | None = None) -> None:
    """Takes the lesson out of the course; its row stays, because progress points at it. Locks the course.

    Raises CourseHasNoLessons when a published course would be left without any, LostUpdate.
    """
    course, lesson = lock_by_lesson(lesson_id)
    check_version(lesson, expected_version)
    _check_lessons_left(course, without=[lesson.id])
    place = lesson.position
    _retire(course, [lesson], now=now)
    Lesson.objects.filter(module_id=lesson.module_id, position__gt=place).update(position=F("position") - 1)
    note_outline(course)


@transaction.atomic
def set_needs_quiz(*, lesson_id: UUID, needs_quiz: bool, now: datetime) -> None:
    """Notes whether the lesson has a required quiz; a no-op when it is noted. Locks the course."""
    course, lesson = lock_by_lesson(lesson_id)
    if lesson.needs_quiz == needs_quiz:
        return
    lesson.needs_quiz = needs_quiz
    lesson.save(update_fields=["needs_quiz", "updated_at"])
    note_outline(course)


@transaction.atomic
def reorder(
    *,
    course_id: UUID,
    modules: Sequence[tuple[UUID, Sequence[UUID]]],
    by: UUID,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Puts modules and lessons into this order, lessons moving between modules too; a no-op when they stand so.

    Locks the course. Raises OutlineMismatch unless the order names each exactly once, LostUpdate.
    """
    course = lock_course(course_id)
    check_version(course, expected_version)
    own_modules = {module.id: module for module in _modules(course)}
    own_lessons = {lesson.id: lesson for lesson in _lessons(course)}
    if not rules.is_whole_order(modules=own_modules, lessons=own_lessons, order=modules):
        raise OutlineMismatch
    moved_modules: list[Module] = []
    moved_lessons: list[Lesson] = []
    for place, (module_id, lesson_ids) in enumerate(modules, 1):
        module = own_modules[module_id]
        if module.position != place:
            module.position = place
            moved_modules.append(module)
        for inner_place, lesson_id in enumerate(lesson_ids, 1):
            lesson = own_lessons[lesson_id]
            if (lesson.module_id, lesson.position) != (module_id, inner_place):
                lesson.module_id, lesson.position = module_id, inner_place
                moved_lessons.append(lesson)
    if moved_modules or moved_lessons:
        Module.objects.bulk_update(moved_modules, ["position"])
        Lesson.objects.bulk_update(moved_lessons, ["module", "position"])
        note_outline(course)


def _title(title: str) -> str:
    title = rules.clean(title)
    rules.check_fields({"title": title})
    return title


def _modules(course: Course) -> Any:
    return Module.objects.filter(course=course, removed_at__isnull=True)


def _lessons(course: Course) -> Any:
    return Lesson.objects.filter(module__course=course, removed_at__isnull=True)


def _change(course: Course, row: Module | Lesson, given: dict[str, Any]) -> None:
    changes = {name: value for name, value in given.items() if value != getattr(row, name)}
    if not changes:
        return
    for name, value in changes.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*changes, "version", "updated_at"])
    note_outline(course)


def _check_lessons_left(course: Course, *, without: Sequence[UUID]) -> None:
    if course.state == CourseState.PUBLISHED and not _lessons(course).exclude(id__in=without).exists():
        raise CourseHasNoLessons


def _retire(course: Course, lessons: Sequence[Lesson], *, now: datetime) -> None:
    Lesson.objects.filter(id__in=[lesson.id for lesson in lessons]).update(position=None, removed_at=now)
    for lesson in lessons:
        publish(LessonRemoved(course_id=course.id, lesson_id=lesson.id))
