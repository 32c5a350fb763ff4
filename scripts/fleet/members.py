"""Who belongs to the fleet, from the registry: proxy, services, a worker for each queue, relay and schedule."""

import gc
import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import partial
from importlib import import_module

from django.conf import settings
from django.core.management import call_command
from django.utils import translation
from django.utils.module_loading import import_string

from config import gateway, serving, working
from learninghub import shape
from learninghub.registry import QUEUES, SERVICES
from scripts.fleet.supervisor import Member

GATEWAY = "api-gateway"


# What servers and workers import only once they run.
_IMPORTED_LATE = (
    "celery.apps.worker",
    "celery.concurrency.prefork",
    "celery.worker.autoscale",
    "config.edge",
    "django.contrib.sessions.backends.db",
    "django.core.handlers.wsgi",
    "kombu.transport.pyamqp",
    "learninghub.http.edge_cache",
    "learninghub.outbox.threads",
)


class Stage(IntEnum):
    """In this order they end: first who lets requests in, last who carries away what was written."""

    PROXY = 1
    SERVICE = 2
    WORKER = 3
    RELAY = 4


def members(*, host: str, inner_host: str) -> Sequence[Member]:
    """The whole fleet; only the proxy listens on `host`."""
    beside: list[tuple[str, Callable[[], object]]] = [
        ("relay", partial(call_command, "relay")),
        ("schedule", partial(call_command, "schedule")),
    ]
    beside += [(f"work-{queue}", partial(_work, queue)) for queue in QUEUES]
    return [
        *(
            Member(service.name, Stage.SERVICE, partial(_serve, service.name, inner_host))
            for service in SERVICES
            if service.name != GATEWAY
        ),
        Member(GATEWAY, Stage.PROXY, partial(_serve_gateway, host, inner_host)),
        *(
            Member(name, Stage.WORKER if name.startswith("work-") else Stage.RELAY, partial(_apart, number, run))
            for number, (name, run) in enumerate(beside)
        ),
    ]


def import_all() -> None:
    """Imports what the members will need and puts it beyond the garbage collector: children share these pages."""
    for service in SERVICES:
        import_module(f"apps.{service.app}.urls")
    for middleware in settings.MIDDLEWARE:
        import_string(middleware)
    for late in _IMPORTED_LATE:
        import_module(late)
    for language, _ in settings.LANGUAGES:
        translation.activate(language)
    translation.deactivate()
    gc.collect()
    gc.freeze()


def _serve(name: str, host: str) -> None:
    serving.serve(host=host, port=shape.choose(name).port, last_answers_s=serving.SERVICE_LAST_ANSWERS_S)


def _serve_gateway(host: str, inner_host: str) -> None:
    gateway.serve(
        host=host,
        port=shape.choose(GATEWAY).port,
        inner_host=inner_host,
        service_address=f"http://{inner_host}:{{port}}",
        drain_s=0,
    )


def _apart(number: int, run: Callable[[], object]) -> None:
    """Runs a member that answers no requests, its metrics on ports of its own: a worker has a child with one more."""
    if settings.METRICS_PORT:
        settings.METRICS_PORT += 2 * number
    run()


def _work(queue: str) -> None:
    sys.exit(working.work([queue], concurrency=1))
