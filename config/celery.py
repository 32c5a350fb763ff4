"""Celery as we use it: to bring messages from RabbitMQ to one task, safely, and for nothing else (rules R13 to R17)."""

import logging
import time
from collections.abc import Callable, Iterable
from socket import gethostname
from typing import Any

from celery import Celery, signals
from celery.worker.consumer import Consumer
from django.conf import settings

from learninghub.broker import receiving, topology, wire  # the first enters the one task
from learninghub.broker.breaks import Breaks
from learninghub.registry import QUEUES

SLOW_QUEUES = frozenset({"pdf", "media", "imports"})
LIMITS_S = (60, 90)  # soft, hard; well under the broker's half hour for an acknowledgement
SLOW_LIMITS_S = (240, 300)

SETTINGS: dict[str, Any] = {
    # What is asked of the broker.
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_connection_timeout": 2,
    "broker_heartbeat": 15,
    "broker_pool_acquire_timeout": 5,
    "broker_transport_options": {"confirm_publish": True},
    "task_default_queue_type": "quorum",
    "task_default_exchange_type": "topic",
    "task_create_missing_queues": False,
    "worker_detect_quorum_queues": True,  # prefetch per consumer: RabbitMQ 4.3 refuses the global kind
    # A message is acknowledged when its work is done, and comes again when its worker dies.
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_acks_on_failure": False,
    "task_acks_on_timeout": False,
    "worker_prefetch_multiplier": 1,  # what waits behind a poison message would share its fate
    "worker_cancel_long_running_tasks_on_connection_loss": True,
    "task_soft_time_limit": LIMITS_S[0],
    "task_time_limit": LIMITS_S[1],
    # A worker ends warmly, and its children do not grow for ever.
    "worker_soft_shutdown_timeout": 30,
    "worker_enable_soft_shutdown_on_idle": True,
    "worker_proc_alive_timeout": 20.0,  # a child that starts while its parent rests is heard after that
    "worker_lost_wait": 1.0,  # for the last words of a child that died
    "worker_max_tasks_per_child": 1000,
    "worker_max_memory_per_child": 300_000,  # kB
    # Nothing besides: results are rows of ours, and remote control needs queues that 4.3 refuses.
    "task_ignore_result": True,
    "result_backend": None,
    "task_serializer": "json",
    "accept_content": ["json"],
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "worker_consumer": "config.celery:CarefulConsumer",
}


class CarefulConsumer(Consumer):
    """Celery's consumer, which gives what it cannot read to the dead letters, and logs none of its words.

    From a line that keeps breaking it takes nothing for a while.
    """

    breaks = Breaks()

    class Blueprint(Consumer.Blueprint):
        # Without the delayed delivery of native ETA: it would declare 28 queues for what we keep in rows.
        default_steps = [step for step in Consumer.Blueprint.default_steps if "delayed_delivery" not in step]

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Any], None]:
        take = super().create_task_handler(*args, **kwargs)

        def take_unless_too_big(message: Any) -> None:
            if len(message.body) > wire.LARGEST:
                _refuse(message, f"{len(message.body)} bytes")
            else:
                take(message)

        return take_unless_too_big

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        super().on_connection_error_after_connected(exc)
        time.sleep(self.breaks.rest())

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        _refuse(message, type(exc).__name__)

    def on_unknown_message(self, body: Any, message: Any) -> None:
        _refuse(message, "no task")

    def on_unknown_task(self, body: Any, message: Any, exc: Exception) -> None:
        _refuse(message, "another task")

    def on_invalid_task(self, body: Any, message: Any, exc: Exception) -> None:
        _refuse(message, type(exc).__name__)


def _refuse(message: Any, reason: str) -> None:
    receiving.log.error("message.refused", reason=reason, queue=message.delivery_info.get("routing_key"))
    message.reject_log_error(receiving.log, (Exception,))


app = Celery("learninghub", broker=settings.AMQP_URL, fixups=())
app.conf.update(SETTINGS)
app.conf.task_queues = [topology.queue(name) for name in QUEUES]


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def _log_as_we_do(**_: Any) -> None:
    """Celery leaves logging alone once someone sees to it; its two lines a message would drown our one a failure."""
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)


def limits_of(queues: Iterable[str]) -> tuple[int, int]:
    """How many seconds a task of these queues has: until it is told to end, and until it is killed."""
    return SLOW_LIMITS_S if SLOW_QUEUES.intersection(queues) else LIMITS_S


def make_worker(queues: Iterable[str], *, concurrency: int) -> Any:
    """A worker of these queues; `start()` blocks until it is told to end, and `exitcode` tells how it did."""
    chosen = list(queues)
    app.conf.task_soft_time_limit, app.conf.task_time_limit = limits_of(chosen)
    return app.Worker(
        hostname=f"{'+'.join(chosen)}@{gethostname()}",
        queues=chosen,
        concurrency=concurrency,
        pool="prefork",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
        loglevel="INFO",
    )
