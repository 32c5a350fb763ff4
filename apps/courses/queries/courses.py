"""Courses and lessons one by one or by the batch, and who teaches them."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.courses.errors import CourseNotFound, LessonNotFound
from apps.courses.models import Category, Course, CourseInstructor, Lesson
from apps.courses.types import CourseCard, CourseState, LessonRef, Level
from learninghub.http.pagination import Page, PageRequest, paginate

TAUGHT_FIELDS = (
    "id",
    "title",
    "summary",
    "language",
    "level",
    "price_amount",
    "currency",
    "capacity",
    "learners",
    "author_id",
    "author_name",
    "cover_id",
    "state",
    "published_at",
    "updated_at",
    "version",
)


def get_cards(*, ids: Iterable[UUID]) -> dict[UUID, CourseCard]:
    """The cards of these courses, whatever their state; unknown ids are left out."""
    return {course.id: _card(course) for course in Course.objects.kept().filter(id__in=list(ids)).order_by("id")}


def get_card(*, course_id: UUID) -> CourseCard:
    """The card of the course, whatever its state; raises CourseNotFound."""
    cards = get_cards(ids=[course_id])
    if course_id not in cards:
        raise CourseNotFound
    return cards[course_id]


def get_lessons(*, ids: Iterable[UUID]) -> dict[UUID, LessonRef]:
    """These lessons, removed ones too; unknown ids are left out."""
    lessons = Lesson.objects.filter(id__in=list(ids)).select_related("module__course").order_by("id")
    return {lesson.id: _ref(lesson) for lesson in lessons}


def get_lesson(*, lesson_id: UUID) -> LessonRef:
    """The lesson, even when it was removed; raises LessonNotFound."""
    lessons = get_lessons(ids=[lesson_id])
    if lesson_id not in lessons:
        raise LessonNotFound
    return lessons[lesson_id]


def teaches(*, user_id: UUID, course_id: UUID) -> bool:
    """Whether the person is one of the course's instructors."""
    return _teams().filter(user_id=user_id, course_id=course_id).exists()


def teaches_module(*, user_id: UUID, module_id: UUID) -> bool:
    """Whether the person is one of the instructors of the module's course."""
    return _teams().filter(user_id=user_id, course__modules=module_id).exists()


def teaches_lesson(*, user_id: UUID, lesson_id: UUID) -> bool:
    """Whether the person is one of the instructors of the lesson's course."""
    return _teams().filter(user_id=user_id, course__modules__lessons=lesson_id).exists()


def is_author(*, user_id: UUID, course_id: UUID) -> bool:
    """Whether the course is the person's own."""
    return bool(Course.objects.kept().filter(author_id=user_id, id=course_id).exists())


def list_taught_ids(*, user_id: UUID) -> list[UUID]:
    """The courses the person teaches, oldest first."""
    return list(_teams().filter(user_id=user_id).order_by("course_id").values_list("course_id", flat=True))


def list_team(*, course_id: UUID) -> list[UUID]:
    """The course's instructors, its author first."""
    return list(_teams().filter(course_id=course_id).order_by("id").values_list("user_id", flat=True))


def list_taught(*, user_id: UUID, page: PageRequest) -> Page[dict[str, Any]]:
    """The courses the person teaches, drafts too, newest first."""
    return paginate(Course.objects.taught_by(user_id).values(*TAUGHT_FIELDS), order_by=("-id",), page=page)


def category_exists(*, slug: str) -> bool:
    """Whether the catalogue has this category."""
    return Category.objects.filter(slug=slug).exists()


def list_categories() -> list[dict[str, Any]]:
    """The categories as a tree, each level by name."""
    rows = Category.objects.order_by("name", "id").values("id", "slug", "name", "parent_id")
    children: dict[UUID | None, list[dict[str, Any]]] = {row["id"]: [] for row in rows} | {None: []}
    for row in rows:
        node = {"slug": row["slug"], "name": row["name"], "children": children[row["id"]]}
        children[row["parent_id"]].append(node)
    return children[None]


def get_categories(*, slugs: Sequence[str]) -> dict[str, UUID]:
    """The keys of the categories with these slugs; unknown slugs are left out."""
    return dict(Category.objects.filter(slug__in=slugs).order_by("id").values_list("slug", "id"))


def _teams() -> QuerySet[CourseInstructor]:
    return CourseInstructor.objects.filter(course__removed_at__isnull=True)


def _card(course: Course) -> CourseCard:
    return CourseCard(
        id=course.id,
        title=course.title,
        summary=course.summary,
        language=course.language,
        level=Level(course.level),
        price_amount=course.price_amount,
        currency=course.currency,
        capacity=course.capacity,
        author_id=course.author_id,
        author_name=course.author_name,
        cover_id=course.cover_id,
        state=CourseState(course.state),
        published_at=course.published_at,
        version=course.version,
    )


def _ref(lesson: Lesson) -> LessonRef:
    course = lesson.module.course
    return LessonRef(
        id=lesson.id,
        course_id=course.id,
        module_id=lesson.module_id,
        title=lesson.title,
        is_preview=lesson.is_preview,
        is_required=lesson.is_required,
        needs_quiz=lesson.needs_quiz,
        is_removed=lesson.removed_at is not None or course.removed_at is not None,
        course_state=CourseState(course.state),
    )
