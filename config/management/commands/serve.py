"""Serves one service of the registry, as a pod does."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config import gateway, serving
from config.env import env
from learninghub import shape
from learninghub.registry import BY_NAME


class Command(BaseCommand):
    help = "Answer for one service until SIGTERM; it needs what all processes must share."
    requires_system_checks = []  # they load the URLs: only once it is chosen whose

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("service", choices=BY_NAME)
        parser.add_argument("--host", default="0.0.0.0", help="default: every address of this machine")  # noqa: S104  a pod's own
        parser.add_argument("--port", type=int, help="default: the registry's")

    def handle(self, *args: Any, service: str, host: str, port: int | None, **options: Any) -> None:
        env.demand_what_is_shared()
        chosen = shape.choose(service)
        self.check()
        drain_s = env["LEARNINGHUB_DRAIN"]
        port = port or chosen.port
        if chosen.app == "gateway":
            gateway.serve(
                host=host,
                port=port,
                inner_host="127.0.0.1",
                service_address=env["LEARNINGHUB_SERVICES"],
                drain_s=drain_s,
            )
        else:
            serving.serve(host=host, port=port, drain_s=drain_s, last_answers_s=serving.SERVICE_LAST_ANSWERS_S)
