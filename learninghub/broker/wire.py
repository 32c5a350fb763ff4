"""An envelope on the wire: a Celery message of protocol 2 whose one argument is the envelope as plain JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import orjson

from learninghub.outbox.envelope import Envelope, Unsendable
from learninghub.outbox.models import OutboxMessage

TASK = "learninghub.receive"
SCHEMA = 1
LARGEST = 1024 * 1024  # bytes; a broker takes more, but what is told in a fact or a job is ids and words


class BadMessage(ValueError):
    """What came is no envelope that this code can read. Trying again does not help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """One message, ready to be published."""

    body: bytes
    headers: dict[str, Any]
    properties: dict[str, Any]


def pack(envelope: Envelope) -> Packed:
    """The envelope as a persistent message with its trace in the headers. Raises Unsendable."""
    try:
        body = orjson.dumps([[_plain(envelope)], {}, {}])
    except TypeError as error:
        raise Unsendable(envelope.message_id, f"{envelope.target}: {error}") from None
    if len(body) > LARGEST:
        raise Unsendable(envelope.message_id, f"{envelope.target}: {len(body)} bytes, more than {LARGEST}")
    # A fact has one message for each who hears it; Celery asks for an id that no other message has.
    task_id = str(uuid5(envelope.message_id, envelope.target))
    return Packed(
        body=body,
        headers={
            **envelope.headers,
            "lang": "py",
            "task": TASK,
            "id": task_id,
            "retries": 0,  # Celery's own count; ours travels in the body
            "argsrepr": f"({envelope.target})",  # what a worker logs: never the payload
            "kwargsrepr": "{}",
        },
        properties={
            "content_type": "application/json",
            "content_encoding": "utf-8",
            "delivery_mode": 2,
            "message_id": str(envelope.message_id),
            "correlation_id": task_id,
        },
    )


def _plain(envelope: Envelope) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "message_id": str(envelope.message_id),
        "kind": str(envelope.kind),
        "name": envelope.name,
        "target": envelope.target,
        "queue": envelope.queue,
        "payload": envelope.payload,
        "headers": envelope.headers,
        "available_at": envelope.available_at.isoformat(),
        "attempts": envelope.attempts,
    }


def unpack(payload: Any) -> Envelope:
    """The envelope in the task's one argument; raises BadMessage. Fields it does not know are passed over."""
    if not isinstance(payload, Mapping):
        raise BadMessage("not an object")
    if payload.get("schema") != SCHEMA:
        raise BadMessage(f"schema {payload.get('schema')!r}, known is {SCHEMA}")
    if payload.get("kind") not in OutboxMessage.Kind.values:
        raise BadMessage(f"kind {payload.get('kind')!r}")
    try:
        return Envelope(
            message_id=UUID(_field(payload, "message_id", str)),
            kind=payload["kind"],
            name=_field(payload, "name", str),
            target=_field(payload, "target", str),
            queue=_field(payload, "queue", str),
            payload=_field(payload, "payload", dict),
            headers=_field(payload, "headers", dict),
            available_at=datetime.fromisoformat(_field(payload, "available_at", str)),
            attempts=_field(payload, "attempts", int),
        )
    except ValueError as error:
        raise BadMessage(str(error)) from None


def _field(payload: Mapping[str, Any], name: str, kind: type) -> Any:
    value = payload.get(name)
    if not isinstance(value, kind):
        raise BadMessage(f"{name}: {kind.__name__} expected")
    return value
