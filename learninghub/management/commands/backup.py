"""A dump of the database into the backup bucket."""

from typing import Any

import psycopg
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
from django.core.management.base import BaseCommand, CommandError

from learninghub import backups
from learninghub.clock import now


class Command(BaseCommand):
    help = "Dump the database into S3_BACKUP_BUCKET, with a note of its SHA-256 and the rows of each table."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            note = backups.make(now=now())
        except (backups.Failed, psycopg.Error, BotoCoreError, ClientError) as failure:
            raise CommandError(str(failure)) from failure
        self.stdout.write(
            f"{note.key}: {note.size} bytes, {sum(note.rows.values())} rows in {len(note.rows)} tables, {note.sha256}"
        )
