"""What stands in RabbitMQ: one quorum queue for each of the registry's, and its dead letters' queue beside it.

Only arguments that mean the same from 3.10 to 4.3 are used, and each is given: no default of a version matters.
"""

from typing import Any

from amqp.exceptions import PreconditionFailed
from kombu import Exchange, Queue

from learninghub.registry import QUEUES

EXCHANGE = Exchange("learninghub", type="topic", durable=True)
DEAD_EXCHANGE = Exchange("learninghub.dead", type="topic", durable=True)

DELIVERY_LIMIT = 5  # R17: a killed worker counts one for every message it held
_LONGEST = 1_000_000  # messages; beyond it the broker refuses, and what is refused waits in the outbox
_LOOKS = 1_000_000  # looking at a dead letter counts as a delivery, and must never cost it


class TopologyDiffers(RuntimeError):
    """The broker holds a queue or an exchange of this name that was declared in another way."""


def queue(name: str) -> Queue:
    """The queue of the registry of this name; what it gives up on goes to `dead_queue(name)`."""
    return Queue(
        name,
        exchange=EXCHANGE,
        routing_key=name,
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": DEAD_EXCHANGE.name,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
            "x-max-length": _LONGEST,
        },
    )


def dead_queue(name: str) -> Queue:
    """Where the dead letters of this queue lie until someone replays or discards them: no consumer, no expiry."""
    return Queue(
        f"{name}.dead",
        exchange=DEAD_EXCHANGE,
        routing_key=name,
        durable=True,
        queue_arguments={"x-queue-type": "quorum", "x-delivery-limit": _LOOKS, "x-overflow": "reject-publish"},
    )


def declare(connection: Any) -> None:
    """Declares all that the registry asks for on a connection of kombu's; what stands already is left as it is.

    Raises TopologyDiffers where it stands in another way: a queue's arguments cannot be changed, only the queue.
    """
    with connection.channel() as channel:
        # A queue's dead letters need their place before the first of them dies.
        for entity in [*map(dead_queue, QUEUES), *map(queue, QUEUES)]:
            _declare(entity, channel)


def _declare(entity: Queue, channel: Any) -> None:
    try:
        entity(channel).declare()
    except PreconditionFailed as refused:
        raise TopologyDiffers(f"{entity.name}: {refused.reply_text}") from None
