"""How courses are locked: the course's row first, always; its modules and lessons only change under that lock."""

from uuid import UUID

from apps.courses.errors import CourseNotFound, LessonNotFound, ModuleNotFound
from apps.courses.events import OutlineChanged
from apps.courses.models import Course, Lesson, Module
from apps.courses.queries.shared import SCOPE
from apps.courses.types import CourseState
from learninghub import caching
from learninghub.errors import LostUpdate
from learninghub.outbox import publish


def lock_course(course_id: UUID) -> Course:
    """The course's row, locked until the transaction ends; raises CourseNotFound."""
    course: Course | None = Course.objects.kept().select_for_update(no_key=True).filter(id=course_id).first()
    if course is None:
        raise CourseNotFound
    return course


def hold_course(*, course_id: UUID) -> None:
    """Holds the course, also a removed one, until the caller's transaction ends: before anything that hangs on it."""
    Course.objects.select_for_update(no_key=True).get(id=course_id)


def lock_by_module(module_id: UUID) -> tuple[Course, Module]:
    """The module that still is and its course, locked; raises ModuleNotFound."""
    course = Course.objects.kept().select_for_update(of=("self",), no_key=True).filter(modules=module_id).first()
    module = Module.objects.filter(id=module_id, removed_at__isnull=True).first()
    if course is None or module is None:
        raise ModuleNotFound
    return course, module


def lock_by_lesson(lesson_id: UUID) -> tuple[Course, Lesson]:
    """The lesson that still is and its course, locked; raises LessonNotFound."""
    course = (
        Course.objects.kept().select_for_update(of=("self",), no_key=True).filter(modules__lessons=lesson_id).first()
    )
    lesson = Lesson.objects.filter(id=lesson_id, removed_at__isnull=True).first()
    if course is None or lesson is None:
        raise LessonNotFound
    return course, lesson


def check_version(row: Course | Module | Lesson, expected_version: int | None) -> None:
    """Raises LostUpdate when the row is no longer what the caller has read."""
    if expected_version is not None and expected_version != row.version:
        raise LostUpdate


def save_course(course: Course, *fields: str) -> None:
    """Writes the locked course's fields under its next version; caches forget it, unless it is a draft."""
    course.version += 1
    course.save(update_fields=[*fields, "version", "updated_at"])
    if course.state != CourseState.DRAFT:
        caching.bump(SCOPE)


def note_outline(course: Course) -> None:
    """The locked course's outline changed: its next version, and the fact where learners may have the course."""
    save_course(course)
    if course.state != CourseState.DRAFT:
        publish(OutlineChanged(course_id=course.id, version=course.version))
