"""Serves one service of the registry, as a pod does, or all thirteen in one process."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import gateway, serving
from config.env import env
from learninghub import shape
from learninghub.registry import BY_NAME


class Command(BaseCommand):
    help = "Answer for one service, or for all, until SIGTERM; it needs what all processes must share."
    requires_system_checks = []  # they load the URLs: only once it is chosen whose

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("service", nargs="?", choices=BY_NAME, help="default: all thirteen, and their work, in one")
        parser.add_argument("--host", default="0.0.0.0", help="default: every address of this machine")  # noqa: S104  a pod's own
        parser.add_argument("--port", type=int, help="default: the registry's")

    def handle(self, *args: Any, service: str | None, host: str, port: int | None, **options: Any) -> None:
        env.demand_what_is_shared()
        drain_s = env["LEARNINGHUB_DRAIN"]
        if service is None and settings.AMQP_URL:
            raise CommandError("AMQP_URL is set, so work is for workers: name the service to answer for.")
        chosen = shape.choose(service) if service else None
        self.check()
        port = port or (chosen or BY_NAME["api-gateway"]).port
        if chosen and chosen.app == "gateway":
            gateway.serve(
                host=host,
                port=port,
                inner_host="127.0.0.1",
                service_address=env["LEARNINGHUB_SERVICES"],
                drain_s=drain_s,
            )
        else:
            serving.serve(host=host, port=port, drain_s=drain_s, last_answers_s=serving.SERVICE_LAST_ANSWERS_S)
