"""Importing a course: asked for over HTTP and done by a job, or done at once from a path."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction

from apps.content import readers
from apps.content.actions.writing import write_course
from apps.content.errors import FileNotUsable
from apps.content.events import ImportFinished
from apps.content.models import Import
from apps.content.queries import imports as reads
from apps.content.readers import statics
from apps.content.types import ImportedCourse, ImportResult, ImportState, Outcome, ReportLine
from apps.courses.errors import NotAnInstructor
from apps.media import api as media
from apps.media.types import AssetState, Holder, Purpose
from apps.users import api as users
from apps.users.types import Role
from learninghub.errors import DomainError, Unavailable
from learninghub.jobs import enqueue
from learninghub.outbox import publish

_OVER = (ImportState.FINISHED, ImportState.FAILED)


@transaction.atomic
def request_import(*, asset_id: UUID, by: UUID, now: datetime) -> Import:
    """Asks for the course in an uploaded file to be imported; a job does it after commit.

    Raises NotAnInstructor unless `by` may make courses, FileNotUsable unless the file is ready and theirs.
    """
    person = users.get_person(user_id=by)
    if not person.is_verified or Role.INSTRUCTOR not in person.roles:
        raise NotAnInstructor
    asset = media.get_assets(ids=[asset_id]).get(asset_id)
    if asset is None or asset.owner_id != by or asset.state != AssetState.READY:
        raise FileNotUsable(errors={"asset_id": ["A file of your own that is ready."]})
    wish = Import.objects.create(
        requested_by_id=by, asset_id=asset_id, filename=asset.filename, state=ImportState.PENDING
    )
    media.attach(asset_ids=[asset_id], holder=_holder(wish))
    enqueue("content.import_course", wish.id)
    return wish


def run_import(*, import_id: UUID, now: datetime) -> None:
    """Does an import that was asked for: read, keep the files, write the course in one transaction, tell.

    Harmless twice. What is wrong with the source fails the import and leaves the course as it was; what is wrong with
    us (Unavailable, anything without a name) is raised for the job to be tried again.
    """
    wish = _claim(import_id)
    if wish is None or wish.asset_id is None:
        return
    try:
        with _unpacked(wish.asset_id) as course:
            assets, refused = keep_files(course, owner_id=wish.requested_by_id, now=now)
            with transaction.atomic():
                if _hold(wish):
                    result = write_course(imported=course, assets=assets, by=wish.requested_by_id, now=now)
                    _finish(wish, result, report=_corrected(course, refused), now=now)
    except Unavailable:
        raise
    except DomainError as problem:
        _fail(wish, problem, now=now)


def import_path(*, path: Path, by: UUID, now: datetime) -> ImportResult:
    """Imports a folder, archive or single file at once; the same source again writes nothing at all.

    Raises the children of SourceRefused, and what the doors of courses and assessments raise.
    """
    with readers.open_course(path) as course:
        assets, refused = keep_files(course, owner_id=by, now=now)
        report = _corrected(course, refused)
        with transaction.atomic():
            result = write_course(imported=course, assets=assets, by=by, now=now)
            if result.written:
                wish = Import.objects.create(requested_by_id=by, filename=path.name[:200], state=ImportState.RUNNING)
                _finish(wish, result, report=report, now=now)
    return ImportResult(course_id=result.course_id, written=result.written, report=report)


def keep_files(course: ImportedCourse, *, owner_id: UUID, now: datetime) -> tuple[dict[str, UUID], dict[str, str]]:
    """Keeps the files that the course uses; returns the asset of each path, and why others were refused.

    Outside any transaction, since bytes leave the database. The cover is public, all else private; a file that the
    last import kept is not touched.
    """
    known = reads.get_kept_files(course, owner_id=owner_id)
    kept: dict[str, UUID] = {}
    refused: dict[str, str] = {}
    for file in course.files:
        is_cover = file.path == course.cover
        if (file.path, file.sha256, is_cover) in known:
            kept[file.path] = known[file.path, file.sha256, is_cover]
            continue
        try:
            with file.location.open("rb") as content:
                asset = media.store(
                    content=content,
                    filename=file.filename,
                    owner_id=owner_id,
                    now=now,
                    is_public=is_cover,
                    purpose=Purpose.COVER if is_cover else Purpose.RESOURCE,
                )
        except Unavailable:
            raise
        except DomainError as problem:
            refused[file.path] = problem.title()
            continue
        kept[file.path] = asset.id
    return kept, refused


def _claim(import_id: UUID) -> Import | None:
    with transaction.atomic():
        wish = Import.objects.select_for_update().filter(id=import_id).exclude(state__in=_OVER).first()
        if wish is not None:
            wish.state = ImportState.RUNNING
            wish.save(update_fields=["state", "updated_at"])
        return wish


@contextmanager
def _unpacked(asset_id: UUID) -> Iterator[ImportedCourse]:
    with tempfile.TemporaryDirectory(prefix="learninghub-import-") as folder:
        path = Path(folder, "upload")
        with media.open_asset(asset_id=asset_id) as content, path.open("wb") as copy:
            shutil.copyfileobj(content, copy)
        with readers.open_course(path) as course:
            yield course


def _hold(wish: Import) -> bool:
    """Whether the claimed wish is still to be done: two workers may have claimed it, and its lock lets one do it."""
    return Import.objects.select_for_update().filter(id=wish.id).exclude(state__in=_OVER).exists()


def _finish(wish: Import, result: ImportResult, *, report: tuple[ReportLine, ...], now: datetime) -> None:
    wish.state, wish.course_id, wish.written = ImportState.FINISHED, result.course_id, result.written
    wish.report, wish.finished_at = [asdict(line) for line in report], now
    _let_go(wish, now=now)
    wish.save(update_fields=["state", "course", "written", "report", "asset", "finished_at", "updated_at"])
    if result.written:
        _tell(wish, succeeded=True)


@transaction.atomic
def _fail(wish: Import, problem: DomainError, *, now: datetime) -> None:
    if not _hold(wish):
        return
    wish.state, wish.finished_at = ImportState.FAILED, now
    wish.error_code, wish.error_detail = problem.code(), _words(problem)
    _let_go(wish, now=now)
    wish.save(update_fields=["state", "error_code", "error_detail", "asset", "finished_at", "updated_at"])
    _tell(wish, succeeded=False)


def _let_go(wish: Import, *, now: datetime) -> None:
    """Of the archive, which nobody reads any more: it stays with its owner for a while."""
    if wish.asset_id:
        media.detach(holder=_holder(wish), now=now)
        wish.asset_id = None


def _holder(wish: Import) -> Holder:
    return Holder(kind="content.import", id=wish.id)


def _tell(wish: Import, *, succeeded: bool) -> None:
    publish(
        ImportFinished(import_id=wish.id, user_id=wish.requested_by_id, course_id=wish.course_id, succeeded=succeeded)
    )


def _words(problem: DomainError) -> str:
    fields: Mapping[str, list[str]] = problem.extras.get("errors", {})
    return problem.detail or "; ".join(f"{name}: {' '.join(words)}" for name, words in fields.items())


def _corrected(course: ImportedCourse, refused: Mapping[str, str]) -> tuple[ReportLine, ...]:
    return tuple(
        ReportLine(line.element, line.source, line.title, Outcome.LEFT_OUT, refused[line.source])
        if line.element == statics.ELEMENT and line.source in refused
        else line
        for line in course.report
    )
