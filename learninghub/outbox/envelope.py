"""What travels: one fact for one handler, or one job."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from learninghub import events, jobs
from learninghub.outbox.models import OutboxMessage
from learninghub.registry import BY_APP


class Unsendable(ValueError):
    """The envelope cannot be written as a message: too big, or not plain JSON. Trying again does not help."""

    def __init__(self, message_id: UUID, reason: str) -> None:
        super().__init__(reason)
        self.message_id = message_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A message with its address: `target` is a handler's or a job's name, `queue` one of the registry's.

    `attempts` says how often it was tried before it was sent this time.
    """

    message_id: UUID
    kind: str
    name: str
    target: str
    queue: str
    payload: dict[str, Any]
    headers: dict[str, str]
    available_at: datetime
    attempts: int = 0


def address(message: OutboxMessage) -> list[Envelope]:
    """One envelope for each that must receive the message.

    Raises UnknownFact or UnknownJob when this code does not know its name.
    """
    if message.kind == OutboxMessage.Kind.JOB:
        targets = [(message.name, jobs.find(message.name).queue)]
    else:
        targets = [(handler.name, BY_APP[handler.app].queues[0]) for handler in events.handlers_of(message.name)]
    return [
        Envelope(
            message_id=message.message_id,
            kind=message.kind,
            name=message.name,
            target=target,
            queue=queue,
            payload=message.payload,
            headers=message.headers,
            available_at=message.available_at,
        )
        for target, queue in targets
    ]
