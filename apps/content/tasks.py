"""The jobs of content."""

from uuid import UUID

from apps.content.actions import imports
from learninghub.clock import now
from learninghub.jobs import job


@job("content.import_course", queue="imports")
def import_course(import_id: UUID) -> None:
    imports.run_import(import_id=import_id, now=now())
