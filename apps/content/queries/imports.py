"""Imports: their reports, and what was kept of a source."""

from datetime import date
from uuid import UUID

from apps.content.errors import ImportNotFound
from apps.content.models import Import, ImportedElement
from apps.content.types import ImportedCourse, ImportState
from apps.media import api as media
from learninghub.db import Figures, per_day

FILE = "file"
COVER = "cover"


def get_import(*, import_id: UUID, user_id: UUID, sees_all: bool) -> Import:
    """An import, for who asked for it and for staff; raises ImportNotFound."""
    wishes = Import.objects.filter(id=import_id)
    wish = wishes.first() if sees_all else wishes.filter(requested_by_id=user_id).first()
    if wish is None:
        raise ImportNotFound
    return wish


def get_kept_files(course: ImportedCourse, *, owner_id: UUID) -> dict[tuple[str, str, bool], UUID]:
    """The assets that the last import of this source made and that are still there: by path, SHA-256, and whether it
    was the cover.
    """
    rows = ImportedElement.objects.filter(
        source__owner_id=owner_id, source__format=course.format, source__key=course.key, kind__in=[FILE, COVER]
    )
    there = media.get_assets(ids=[row.target_id for row in rows])
    return {(row.key, row.digest, row.kind == COVER): row.target_id for row in rows if row.target_id in there}


def figures(*, first: date, last: date) -> Figures:
    """The imports of each day that failed."""
    return {"imports_failed": per_day(Import.objects.filter(state=ImportState.FAILED), first=first, last=last)}
