"""The way back from a dump, into a database that is empty."""

from typing import Any

import psycopg
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
from django.core.management.base import BaseCommand, CommandError, CommandParser

from learninghub import backups


class Command(BaseCommand):
    help = "Fill the empty database that DATABASE_URL names from a dump that `backup` made; all or nothing."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", help="the dump, such as postgres/2026-11-22T021700Z.dump")

    def handle(self, *args: Any, key: str, **options: Any) -> None:
        try:
            note = backups.restore(key=key)
        except (backups.Failed, psycopg.Error, BotoCoreError, ClientError) as failure:
            raise CommandError(str(failure)) from failure
        self.stdout.write(
            f"As it was at {note.made_at}: {sum(note.rows.values())} rows in {len(note.rows)} tables, as dumped."
        )
