"""Lessons as people see them, once it is clear that they may."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from apps.assessments import api as assessments
from apps.content.errors import LessonNotFound, NotEnrolled
from apps.content.models import BodyVersion, Resource
from apps.content.types import BodyFormat, Download, Film, LessonContent
from apps.courses import api as courses
from apps.courses.types import CourseState, LessonRef
from apps.enrollments import api as enrollments
from apps.media import api as media
from learninghub.errors import Unauthorized
from learninghub.http.pagination import Page, PageRequest, paginate
from learninghub.rich_text import file_ids, sanitise, with_addresses


def get_lesson(*, lesson_id: UUID, user_id: UUID | None, sees_all: bool, now: datetime) -> LessonContent:
    """The lesson's newest body with its files as addresses for a while; its source only for those who teach it.

    Raises what `check_sees` raises.
    """
    lesson, is_teacher = check_sees(lesson_id=lesson_id, user_id=user_id, sees_all=sees_all)
    newest = _newest(lesson_id)
    html = sanitise(newest.html) if newest else ""
    film_id = newest.film_id if newest else None
    files = [*file_ids(html), *([film_id] if film_id else [])]
    addresses = media.signed_urls(asset_ids=files, now=now) if files else {}
    return LessonContent(
        lesson_id=lesson_id,
        course_id=lesson.course_id,
        title=lesson.title,
        version=newest.number if newest else 0,
        format=BodyFormat(newest.format) if newest else BodyFormat.MARKDOWN,
        source=(newest.source if newest else "") if is_teacher else None,
        html=with_addresses(html, addresses),
        video_url=newest.video_url if newest else "",
        film=_film(film_id, addresses) if film_id else None,
        quiz=assessments.find_quiz(lesson_id=lesson_id),
        updated_at=newest.created_at if newest else None,
    )


def check_sees(*, lesson_id: UUID, user_id: UUID | None, sees_all: bool) -> tuple[LessonRef, bool]:
    """The lesson, and whether the person teaches it (staff do), if they may see it.

    A published preview is for everyone; all else for learners with access, those who teach the course, and staff.
    Raises LessonNotFound for removed lessons and drafts, Unauthorized or NotEnrolled for what is known to exist.
    """
    lesson = courses.get_lesson(lesson_id=lesson_id)
    if lesson.is_removed:
        raise LessonNotFound
    if user_id and (sees_all or courses.teaches(user_id=user_id, course_id=lesson.course_id)):
        return lesson, True
    if lesson.course_state == CourseState.DRAFT:
        raise LessonNotFound
    if lesson.is_preview and lesson.course_state == CourseState.PUBLISHED:
        return lesson, False
    if user_id is None:
        raise Unauthorized
    if not enrollments.has_access(user_id=user_id, course_id=lesson.course_id):
        raise NotEnrolled
    return lesson, False


def teaches_lesson(*, user_id: UUID, lesson_id: UUID) -> bool:
    """Whether the person teaches the course of the lesson."""
    lesson = courses.get_lessons(ids=[lesson_id]).get(lesson_id)
    return lesson is not None and courses.teaches(user_id=user_id, course_id=lesson.course_id)


def list_versions(*, lesson_id: UUID, page: PageRequest) -> Page[BodyVersion]:
    """All versions of the lesson's body, newest first."""
    return paginate(BodyVersion.objects.filter(body__lesson_id=lesson_id), order_by=("-number", "-id"), page=page)


def list_downloads(
    *, lesson_id: UUID, user_id: UUID | None, sees_all: bool, page: PageRequest, now: datetime
) -> Page[Download]:
    """The files that the lesson offers, oldest first, with addresses for a while; raises what `check_sees` raises."""
    check_sees(lesson_id=lesson_id, user_id=user_id, sees_all=sees_all)
    found = paginate(Resource.objects.filter(lesson_id=lesson_id), order_by=("id",), page=page)
    ids = [row.asset_id for row in found.results]
    assets, urls = media.get_assets(ids=ids), media.signed_urls(asset_ids=ids, now=now)
    downloads = [
        Download(
            id=row.id,
            title=row.title,
            filename=assets[row.asset_id].filename,
            media_type=assets[row.asset_id].media_type,
            size=assets[row.asset_id].size,
            url=urls[row.asset_id],
        )
        for row in found.results
        if row.asset_id in urls
    ]
    return Page(results=downloads, next=found.next, previous=found.previous)


def list_imported_resources(*, lesson_id: UUID) -> QuerySet[Resource]:
    """The downloads that an import brought, oldest first."""
    return Resource.objects.filter(lesson_id=lesson_id, is_imported=True).order_by("id")


def _film(film_id: UUID, addresses: Mapping[UUID, str]) -> Film | None:
    film = media.get_assets(ids=[film_id]).get(film_id)
    if film is None or film_id not in addresses:
        return None
    return Film(id=film_id, media_type=film.media_type, size=film.size, url=addresses[film_id])


def _newest(lesson_id: UUID) -> BodyVersion | None:
    return BodyVersion.objects.filter(body__lesson_id=lesson_id, number=F("body__version")).first()
