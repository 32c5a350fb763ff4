"""Making, editing, publishing, archiving and deleting courses."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Unpack
from uuid import UUID

from django.db import transaction

from apps.courses import rules
from apps.courses.actions.locks import check_version, lock_course, save_course
from apps.courses.errors import NotAnInstructor, NotDraft, NotPublished, UnusableCover
from apps.courses.events import CourseArchived, CoursePublished, OutlineChanged
from apps.courses.models import Course, CourseCategory, CourseInstructor, Lesson
from apps.courses.queries import courses as reads
from apps.courses.types import CourseChanges, CourseState, Level
from apps.media import api as media
from apps.media.types import AssetState, Holder
from apps.users import api as users
from apps.users.types import Role
from learninghub.errors import Invalid
from learninghub.outbox import publish
from learninghub.plain_text import paragraphs

_LINES = ("title", "summary", "language", "currency")


@transaction.atomic
def create_course(
    *,
    by: UUID,
    now: datetime,
    title: str,
    summary: str = "",
    description: str = "",
    language: str = "en",
    level: Level = Level.BEGINNER,
    price_amount: int = 0,
    currency: str = "EUR",
    capacity: int | None = None,
    category_slugs: Sequence[str] = (),
) -> UUID:
    """A new draft whose author and first instructor is `by`; returns its id.

    Raises NotAnInstructor unless `by` is an instructor with a verified address, and Invalid naming each field at fault.
    """
    author = users.get_person(user_id=by)
    if not author.is_verified or Role.INSTRUCTOR not in author.roles:
        raise NotAnInstructor
    fields = _cleaned(
        {
            "title": title,
            "summary": summary,
            "description": description,
            "language": language,
            "level": level,
            "price_amount": price_amount,
            "currency": currency,
            "capacity": capacity,
        }
    )
    course = Course(author_id=by, author_name=author.display_name, **fields)
    course.save(force_insert=True)
    CourseInstructor.objects.create(course=course, user_id=by, name=author.display_name)
    _shelve(course, category_slugs)
    return course.id


@transaction.atomic
def edit_course(
    *, course_id: UUID, by: UUID, now: datetime, expected_version: int | None = None, **changes: Unpack[CourseChanges]
) -> None:
    """Changes the named fields and nothing else; a no-op when all are as they were.

    Locks the course. Raises LostUpdate when it is no longer at `expected_version`, Invalid for a field at fault,
    UnusableCover, and what a published course must not lose (CourseHasNoSummary).
    """
    course = lock_course(course_id)
    check_version(course, expected_version)
    given: dict[str, Any] = dict(changes)
    slugs = given.pop("category_slugs", None)
    fields = {name: value for name, value in _cleaned(given).items() if value != getattr(course, name)}
    if fields.get("cover_id"):
        _check_cover(course, fields["cover_id"])
    for name, value in fields.items():
        setattr(course, name, value)
    if "cover_id" in fields:
        _hold_cover(course, now=now)
    if course.state == CourseState.PUBLISHED:
        _check_publishable(course)
    shelved = slugs is not None and _shelve(course, slugs)
    if fields or shelved:
        save_course(course, *fields)


@transaction.atomic
def publish_course(*, course_id: UUID, by: UUID, now: datetime, expected_version: int | None = None) -> None:
    """Puts a draft or an archived course into the catalogue; a no-op when it is there.

    Locks the course. Raises CourseHasNoTitle, CourseHasNoSummary, CourseHasNoLessons, LostUpdate.
    """
    course = lock_course(course_id)
    check_version(course, expected_version)
    if course.state == CourseState.PUBLISHED:
        return
    _check_publishable(course)
    course.state = CourseState.PUBLISHED
    course.published_at = course.published_at or now
    course.archived_at = None
    save_course(course, "state", "published_at", "archived_at")
    publish(CoursePublished(course_id=course.id, author_id=course.author_id, title=course.title))
    publish(OutlineChanged(course_id=course.id, version=course.version))


@transaction.atomic
def archive_course(*, course_id: UUID, by: UUID, now: datetime, expected_version: int | None = None) -> None:
    """Takes the course out of the catalogue; who has it keeps it. A no-op when it is archived.

    Locks the course. Raises NotPublished for a draft, LostUpdate.
    """
    course = lock_course(course_id)
    check_version(course, expected_version)
    if course.state == CourseState.ARCHIVED:
        return
    if course.state != CourseState.PUBLISHED:
        raise NotPublished
    course.state = CourseState.ARCHIVED
    course.archived_at = now
    save_course(course, "state", "archived_at")
    publish(CourseArchived(course_id=course.id))


@transaction.atomic
def delete_draft(*, course_id: UUID, by: UUID, now: datetime, expected_version: int | None = None) -> None:
    """Removes a draft and its cover from sight; its row stays: content and quizzes may point at its lessons.

    Locks the course. Raises NotDraft for a course that is or was published or has learners, LostUpdate.
    """
    course = lock_course(course_id)
    check_version(course, expected_version)
    if course.state != CourseState.DRAFT or course.published_at is not None or course.learners:
        raise NotDraft
    course.removed_at, course.cover_id = now, None
    _hold_cover(course, now=now)
    save_course(course, "removed_at", "cover_id")


def _cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: rules.clean(value) if name in _LINES else value for name, value in given.items()}
    if "description" in fields:
        fields["description"] = paragraphs(fields["description"])
    rules.check_fields(fields)
    return fields


def _check_publishable(course: Course) -> None:
    has_lessons = Lesson.objects.filter(module__course=course, removed_at__isnull=True).exists()
    gap = rules.publishing_gap(title=course.title, summary=course.summary, has_lessons=has_lessons)
    if gap is not None:
        raise gap


def _check_cover(course: Course, asset_id: UUID) -> None:
    asset = media.get_assets(ids=[asset_id]).get(asset_id)
    if (
        asset is None
        or asset.state != AssetState.READY
        or not asset.is_public
        or not asset.media_type.startswith("image/")
        or not reads.teaches(user_id=asset.owner_id, course_id=course.id)
    ):
        raise UnusableCover


def _hold_cover(course: Course, *, now: datetime) -> None:
    shown = [course.cover_id] if course.cover_id else []
    media.attach_only(asset_ids=shown, holder=Holder(kind="courses.cover", id=course.id), now=now)


def _shelve(course: Course, slugs: Sequence[str]) -> bool:
    """Puts the course into these categories and no others; returns whether anything changed."""
    wanted = reads.get_categories(slugs=slugs)
    unknown = sorted(set(slugs) - wanted.keys())
    if unknown:
        raise Invalid(errors={"categories": [f"There is no category {slug}." for slug in unknown]})
    present = dict(course.shelves.order_by("id").values_list("category_id", "id"))
    added = [category_id for category_id in wanted.values() if category_id not in present]
    gone = [shelf_id for category_id, shelf_id in present.items() if category_id not in wanted.values()]
    CourseCategory.objects.bulk_create(CourseCategory(course=course, category_id=key) for key in added)
    if gone:
        CourseCategory.objects.filter(id__in=gone).delete()
    return bool(added or gone)
