"""Django's migrate, which never makes the site wait long for a lock."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connection

from learninghub.db import roles


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if connection.in_atomic_block:  # a new database, whose tables come all or none: nobody waits there
            super().handle(*args, **options)
            return
        with roles.taken(roles.MIGRATION):
            roles.patiently(lambda: super(Command, self).handle(*args, **options))
