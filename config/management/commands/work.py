"""Works on the queues of one service, as a worker's pod does."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import working
from config.env import env
from learninghub.registry import BY_NAME


class Command(BaseCommand):
    help = "Do the facts and jobs that wait in a service's queues, until SIGTERM."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("service", choices=BY_NAME)
        parser.add_argument("--queue", action="append", metavar="QUEUE", help="one of the service's; default: all")
        parser.add_argument("--concurrency", type=int, default=2, help="processes that work at once; default: 2")

    def handle(self, *args: Any, service: str, queue: list[str] | None, concurrency: int, **options: Any) -> None:
        env.demand_what_is_shared()
        if not settings.AMQP_URL:
            raise CommandError("AMQP_URL is not set: without a broker the one process does all work by itself.")
        known = BY_NAME[service].queues
        for name in queue or ():
            if name not in known:
                raise CommandError(f"--queue {name}: {service} has {', '.join(known)}")
        raise SystemExit(working.work(queue or known, concurrency=concurrency))
