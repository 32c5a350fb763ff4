"""Walks the audit log and says whether anyone rewrote it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from learninghub import audit


class Command(BaseCommand):
    help = "Verify the hash chain of the audit log; exit 1 at the first breach."

    def handle(self, *args: Any, **options: Any) -> None:
        breach = audit.verify()
        if breach:
            raise CommandError(f"The chain breaks at entry {breach.entry_id}.")
        self.stdout.write("The chain holds.")
