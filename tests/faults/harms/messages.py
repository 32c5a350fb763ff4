"""Messages that nobody can read, and dead ones that are sent again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import amqp

from tests.faults.fleet import Fleet
from tests.faults.trial import Trial, fault

HEARD = """
select o.name, o.payload, o.headers, i.handler, o.kind, o.available_at
from learninghub_inboxentry i join learninghub_outboxmessage o using (message_id)
where i.handler like 'gamification.%%' and o.payload ->> 'user_id' is not null order by o.id desc limit 1
"""
DYING = 3  # so many facts of gamification die before its worker is well again


@dataclass(frozen=True)
class Raw:
    """A message as it goes over the wire."""

    body: bytes
    content_type: str = "application/json"
    headers: dict[str, Any] = field(default_factory=dict)


def publish(fleet: Fleet, queue: str, *messages: Raw, exchange: str = "learninghub") -> None:
    with amqp.Connection(f"127.0.0.1:{fleet.servers.broker.port}", confirm_publish=True) as line:
        channel = line.channel()
        for one in messages:
            message = amqp.Message(
                one.body, content_type=one.content_type, content_encoding="utf-8", delivery_mode=2,
                application_headers=one.headers, message_id=str(uuid4()), correlation_id=str(uuid4()),
            )  # fmt: skip
            channel.basic_publish_confirm(message, exchange, queue)


def copy_of_a_fact(fleet: Fleet) -> Raw:
    """A fact that was heard, as if it had been stated once more: were it ever done, its effects would be nobody's."""
    name, payload, headers, handler, kind, available_at = fleet.ask(HEARD)[0]
    envelope = {
        "schema": 1, "message_id": str(uuid4()), "kind": kind, "name": name, "target": handler, "queue": "gamification",
        "payload": payload, "headers": headers, "available_at": available_at.isoformat(), "attempts": 0,
    }  # fmt: skip
    return _task([[envelope], {}, {}])


def _task(body: Any, **headers: Any) -> Raw:
    task_id = str(uuid4())
    known = {
        "lang": "py", "task": "learninghub.receive", "id": task_id, "root_id": task_id, "parent_id": None,
        "group": None, "eta": None, "expires": None, "retries": 0, "timelimit": [None, None], "argsrepr": "()",
        "kwargsrepr": "{}", "ignore_result": True,
    }  # fmt: skip
    return Raw(json.dumps(body).encode(), headers=known | headers)


@fault("F25", "five unreadable messages, one of 5 MB")
def unreadable(trial: Trial) -> Iterator[None]:
    fleet = trial.fleet
    bad = [
        _task([[{"schema": 99, "message_id": str(uuid4())}], {}, {}]),
        _task([["x" * 5_000_000], {}, {}]),
        _task([[{}], {}, {}], task="learninghub.unheard_of"),
        Raw(b"\xff\xfe not JSON", headers={"task": "learninghub.receive", "id": str(uuid4())}),
        Raw(b"plain", content_type="text/plain"),
    ]
    worker = fleet.member("work-gamification")
    deaths = len(worker.deaths)
    publish(fleet, "gamification", *bad)
    trial.dead_letters_allowed = len(bad)
    trial.wait_for(lambda: fleet.dead_letters_of("gamification") == len(bad), "bad messages do not die")
    trial.expect(len(worker.deaths) == deaths, "a bad message killed the worker")
    fleet.purge_dead_letters("gamification")
    yield


@fault("F26", "dead letters replayed, twice, under load")
def replayed(trial: Trial) -> Iterator[None]:
    fleet = trial.fleet
    ill = fleet.member("work-gamification")
    ill.orders.write_text("deliver.before_commit")
    trial.wait_for(lambda: fleet.dead_letters_of("gamification") >= DYING, "nothing dies", seconds=120)
    ill.orders.write_text("")
    dead = _look_at_dead("gamification", fleet)
    fleet.manage("dlq", "replay", "--queue", "gamification")
    trial.wait_for(lambda: fleet.dead_letters_of("gamification") == 0, "dead letters stay")
    publish(fleet, "gamification", *dead, exchange="learninghub.dead")
    trial.wait_for(lambda: fleet.dead_letters_of("gamification") == len(dead), "the same do not lie there again")
    fleet.manage("dlq", "replay", "--queue", "gamification")
    trial.wait_for(lambda: fleet.dead_letters_of("gamification") == 0, "dead letters stay")
    trial.note(replayed_twice=len(dead))
    yield


def _look_at_dead(queue: str, fleet: Fleet) -> list[Raw]:
    """Copies of the dead letters, which stay where they are."""
    found = []
    with amqp.Connection(f"127.0.0.1:{fleet.servers.broker.port}") as line:
        channel = line.channel()
        while (letter := channel.basic_get(f"{queue}.dead")) is not None:
            headers = {name: value for name, value in letter.headers.items() if not name.startswith("x-")}
            body = letter.body if isinstance(letter.body, bytes) else letter.body.encode()
            found.append(Raw(body, letter.properties["content_type"], headers))
    return found
