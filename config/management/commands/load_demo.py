"""Loads the demo catalogue, once."""

from typing import Any

from django.core.management.base import BaseCommand

from config.demo import loading, people
from learninghub.clock import now
from learninghub.outbox.threads import work_until_idle


class Command(BaseCommand):
    help = "Load the demo: four courses, people to log in as, learners at different points, a certificate."

    def handle(self, *args: Any, **options: Any) -> None:
        if not loading.load(now=now()):
            self.stdout.write("The demo is here already.")
        work_until_idle(clock=now)
        if code := loading.find_certificate_code():
            self.stdout.write(f"  A certificate      {{site}}/verify/{code}/")
        self.stdout.write(f"Demo logins, all with the password {people.PASSWORD}:")
        for person in people.LOGINS:
            self.stdout.write(f"  {person.email:<32} {person.role.value if person.role else 'learner'}")
