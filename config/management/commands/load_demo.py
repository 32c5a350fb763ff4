"""Loads the demo, once."""

from typing import Any

from django.core.management.base import BaseCommand

from config.demo import loading, people
from config.demo.orders import Till
from learninghub.clock import now
from learninghub.outbox.at_once import receive_all


class Command(BaseCommand):
    help = "Load the demo: courses, and six weeks of learners, reviews, certificates; orders where Stripe is played."
    stealth_options = ("till",)

    def handle(self, *args: Any, till: Till | None = None, **options: Any) -> None:
        receive_all(clock=now, without=loading.LEFT)  # what a start that was cut short has left
        if not loading.load(till=till):
            self.stdout.write("The demo is here already.")
        if code := loading.show_certificate():
            self.stdout.write(f"  A certificate      {{site}}/verify/{code}/")
        self.stdout.write(f"Demo logins, all with the password {people.PASSWORD}:")
        for person in people.LOGINS:
            self.stdout.write(f"  {person.email:<32} {person.role.value if person.role else 'learner'}")
