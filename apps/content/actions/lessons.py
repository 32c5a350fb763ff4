"""Writing lessons: bodies whose versions are kept, and downloads."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.content import rules
from apps.content.errors import DownloadNotFound, FileNotUsable, LessonNotFound
from apps.content.models import BodyVersion, LessonBody, Resource
from apps.content.queries import lessons as reads
from apps.content.types import BodyFormat
from apps.courses import api as courses
from apps.media import api as media
from apps.media.types import Asset, AssetState, Holder
from learninghub.errors import Invalid, LostUpdate
from learninghub.rich_text import file_ids


@transaction.atomic
def write_lesson(
    *,
    lesson_id: UUID,
    source: str,
    written_in: BodyFormat,
    video_url: str = "",
    film_id: UUID | None = None,
    by: UUID,
    now: datetime,
    expected_version: int | None = None,
) -> int:
    """Gives the lesson a new version of its body and returns its number; a no-op when nothing differs.

    Its video is the link or the film. Locks the body. Raises LessonNotFound for a removed lesson, LostUpdate when the
    body is no longer at `expected_version` (0: there is none yet), FileNotUsable for a file that is not of the course's
    people or a film that is none.
    """
    lesson = courses.get_lesson(lesson_id=lesson_id)
    if lesson.is_removed:
        raise LessonNotFound
    _check_video(video_url, film_id)
    html = rules.html_of(source, written_in=written_in)
    body = _locked_body(lesson_id)
    if expected_version is not None and expected_version != body.version:
        raise LostUpdate
    newest = body.versions.filter(number=body.version).first()
    wanted = (written_in, source, html, video_url, film_id)
    if newest and (newest.format, newest.source, newest.html, newest.video_url, newest.film_id) == wanted:
        return body.version
    known = set(file_ids(newest.html)) if newest else set()
    new = set(file_ids(html)) - known
    _check_files(new, course_id=lesson.course_id, by=by)
    if film_id and not (newest and newest.film_id == film_id):
        _check_film(film_id, course_id=lesson.course_id, by=by)
        new.add(film_id)
    # Never let go of: earlier versions can be looked at again, with what they show.
    media.attach(asset_ids=new, holder=Holder(kind="content.lesson", id=lesson_id))
    body.version += 1
    body.save(update_fields=["version", "updated_at"])
    BodyVersion.objects.create(
        body=body,
        number=body.version,
        format=written_in,
        source=source,
        html=html,
        video_url=video_url,
        film_id=film_id,
        written_by_id=by,
    )
    return body.version


@transaction.atomic
def add_resource(
    *, lesson_id: UUID, asset_id: UUID, title: str, by: UUID, now: datetime, is_imported: bool = False
) -> UUID:
    """Offers a file for download with the lesson; the same file again only takes the new title. Returns its id.

    Raises LessonNotFound for a removed lesson, FileNotUsable for a file that is not of the course's people.
    """
    lesson = courses.get_lesson(lesson_id=lesson_id)
    if lesson.is_removed:
        raise LessonNotFound
    title = title.strip()[:200]
    _check_files({asset_id}, course_id=lesson.course_id, by=by)
    resource, is_new = Resource.objects.get_or_create(
        lesson_id=lesson_id, asset_id=asset_id, defaults={"title": title, "is_imported": is_imported}
    )
    if is_new:
        media.attach(asset_ids=[asset_id], holder=_of_download(resource.id))
    elif resource.title != title:
        resource.title = title
        resource.save(update_fields=["title", "updated_at"])
    return resource.id


@transaction.atomic
def remove_resource(*, lesson_id: UUID, resource_id: UUID, by: UUID, now: datetime) -> None:
    """Offers the file no longer; the file itself stays with its owner. Raises DownloadNotFound."""
    if not Resource.objects.filter(id=resource_id, lesson_id=lesson_id).delete()[0]:
        raise DownloadNotFound
    media.detach(holder=_of_download(resource_id), now=now)


@transaction.atomic
def sync_resources(*, lesson_id: UUID, wanted: dict[UUID, str], by: UUID, now: datetime) -> int:
    """Makes the imported downloads of a lesson these files with these titles; returns how many rows changed.

    What someone added by hand stays.
    """
    present = {row.asset_id: row for row in reads.list_imported_resources(lesson_id=lesson_id)}
    gone = [row.id for asset_id, row in present.items() if asset_id not in wanted]
    for resource_id in gone:
        remove_resource(lesson_id=lesson_id, resource_id=resource_id, by=by, now=now)
    changed = [asset_id for asset_id, title in wanted.items() if _differs(present.get(asset_id), title)]
    for asset_id in changed:
        title = wanted[asset_id]
        add_resource(lesson_id=lesson_id, asset_id=asset_id, title=title, by=by, now=now, is_imported=True)
    return len(gone) + len(changed)


def _differs(present: Resource | None, title: str) -> bool:
    return present is None or present.title != title.strip()[:200]


def _of_download(resource_id: UUID) -> Holder:
    return Holder(kind="content.download", id=resource_id)


def _locked_body(lesson_id: UUID) -> LessonBody:
    LessonBody.objects.bulk_create([LessonBody(lesson_id=lesson_id)], ignore_conflicts=True)
    return LessonBody.objects.select_for_update(no_key=True).get(lesson_id=lesson_id)


def _check_video(video_url: str, film_id: UUID | None) -> None:
    if video_url and not rules.is_video_link(video_url):
        raise Invalid(errors={"video_url": ["An https address."]})
    if video_url and film_id:
        raise Invalid(errors={"film_id": ["A film or a link to one, not both."]})


def _check_files(asset_ids: Iterable[UUID], *, course_id: UUID, by: UUID) -> None:
    wanted = list(asset_ids)
    found = media.get_assets(ids=wanted) if wanted else {}
    for asset_id in wanted:
        if not _is_usable(found.get(asset_id), course_id=course_id, by=by):
            raise FileNotUsable(f"media:{asset_id} is not a file of yours that is ready.")


def _check_film(film_id: UUID, *, course_id: UUID, by: UUID) -> None:
    film = media.get_assets(ids=[film_id]).get(film_id)
    if film is None or not film.is_film or not _is_usable(film, course_id=course_id, by=by):
        raise FileNotUsable(errors={"film_id": ["An MP4 or WebM film of yours that is ready."]})


def _is_usable(asset: Asset | None, *, course_id: UUID, by: UUID) -> bool:
    if asset is None or asset.state != AssetState.READY:
        return False
    return _is_of_team(asset.owner_id, course_id, by=by)


def _is_of_team(owner_id: UUID, course_id: UUID, *, by: UUID) -> bool:
    return owner_id == by or courses.teaches(user_id=owner_id, course_id=course_id)
