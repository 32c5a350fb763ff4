"""Imports a course from a folder, an archive or a single file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.content.actions.imports import import_path
from apps.content.types import Outcome
from apps.users import api as users
from learninghub.clock import now
from learninghub.errors import DomainError


class Command(BaseCommand):
    help = "Imports a course from a folder, a tar.gz, tar or zip archive, or a single OLX file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--instructor", required=True, metavar="EMAIL", help="whose course it becomes")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if not path.exists():
            raise CommandError(f"There is nothing at {path}.")
        person = users.find_by_email(email=options["instructor"])
        if person is None:
            raise CommandError(f"Nobody has the address {options['instructor']}.")
        try:
            result = import_path(path=path, by=person.id, now=now())
        except DomainError as problem:
            raise CommandError(f"{problem.code()}: {problem}") from problem
        for line in result.report:
            about = " · ".join(filter(None, [line.title, line.detail]))
            self.stdout.write(f"{line.outcome:9} {line.element:24} {line.source}  {about}")
        counts = {outcome: sum(line.outcome == outcome for line in result.report) for outcome in Outcome}
        told = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in counts.items())
        self.stdout.write(f"Course {result.course_id}: {told}; {result.written} changes written.")
