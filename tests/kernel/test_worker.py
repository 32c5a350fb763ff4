"""What a worker does with what it is sent: real processes, a real broker."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Producer

from apps.users.events import UserRegistered
from config.celery import app, limits_of
from config.env import ROOT
from learninghub import events
from learninghub.broker import topology, wire
from learninghub.clock import now
from learninghub.db import uuid7
from learninghub.outbox.envelope import Envelope
from learninghub.outbox.models import InboxEntry, QueuedMessage
from learninghub.outbox.retrying import MAX_ATTEMPTS
from learninghub.outbox.waiting import relay_waiting
from tests.support.database import address_of_the_test_database
from tests.support.instances import Rabbit
from tests.support.instances.server import until

pytestmark = pytest.mark.django_db(transaction=True)
AN_HOUR = timedelta(hours=1)
BIG = Envelope(
    message_id=uuid7(), kind="job", name="tests.note", target="tests.note", queue="users",
    payload={"file": "/dev/null", "word": "?"}, headers={}, available_at=now(),
)  # fmt: skip
GARBAGE = {
    "a big envelope": (wire.pack(BIG).body.replace(b"?", b"x" * 5_000_000), {"task": wire.TASK, "id": "1"}),
    "no JSON": (b"{]", {"task": wire.TASK, "id": "1"}),
    "no task": (b"[[], {}, {}]", {}),
    "another task": (b"[[], {}, {}]", {"task": "os.system", "id": "1"}),
    "no envelope": (b'[["words"], {}, {}]', {"task": wire.TASK, "id": "1"}),
    "an unknown schema": (b'[[{"schema": 99}], {}, {}]', {"task": wire.TASK, "id": "1"}),
    "five megabytes": (b'[["' + b"x" * 5_000_000 + b'"], {}, {}]', {"task": wire.TASK, "id": "1"}),
}


class Desk:
    """A broker to send to, a sheet of paper that jobs write on, and workers that do them."""

    def __init__(self, line: Connection, url: str, folder: Path) -> None:
        self.line, self.url, self.paper = line, url, folder / "paper"

    def send(self, target: str, *, queue: str = "users", attempts: int = 0, **payload: Any) -> Envelope:
        envelope = Envelope(
            message_id=uuid7(), kind="job", name=target, target=target, queue=queue,
            payload={"file": str(self.paper)} | payload, headers={}, available_at=now(), attempts=attempts,
        )  # fmt: skip
        packed = wire.pack(envelope)
        self.publish(packed.body, packed.headers, queue=queue, **packed.properties)
        return envelope

    def publish(self, body: bytes, headers: dict[str, Any], *, queue: str = "users", **properties: Any) -> None:
        properties = {"content_type": "application/json", "content_encoding": "utf-8"} | properties
        with self.line.channel() as channel:
            Producer(channel, topology.EXCHANGE).publish(body, routing_key=queue, headers=headers, **properties)

    def waiting_in(self, queue: str) -> int:
        with self.line.channel() as channel:
            return int(channel.queue_declare(queue, passive=True).message_count)

    def words(self) -> Counter[str]:
        return Counter(self.paper.read_text().split("\n")[:-1]) if self.paper.exists() else Counter()

    def until_written(self, word: str, times: int = 1) -> None:
        until(lambda: self.words()[word] >= times, f"{word} is not written")

    @contextmanager
    def worker(self, *words: str, database: str = "") -> Iterator["subprocess.Popen[bytes]"]:
        environment = os.environ | {
            "AMQP_URL": self.url, "DATABASE_URL": database or address_of_the_test_database(),
            "DJANGO_SETTINGS_MODULE": "config.settings", "LEARNINGHUB_VAR": str(self.paper.parent / "var"),
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.kernel.worker_under_test", *words], cwd=ROOT, env=environment
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module")
def address(rabbit: Rabbit) -> str:
    return rabbit.vhost("worker")


@pytest.fixture
def desk(address: str, tmp_path: Path) -> Iterator[Desk]:
    with Connection(address) as line:
        topology.declare(line)
        with line.channel() as channel:
            for name in ("users", "courses"):
                channel.queue_purge(name)
                channel.queue_purge(f"{name}.dead")
        yield Desk(line, address, tmp_path)


def waits() -> list[tuple[str, int]]:
    return list(QueuedMessage.objects.values_list("target", "attempts"))


class Recorder:
    """A transport that takes all it is given."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    def send(self, envelopes: list[Envelope]) -> set[Any]:
        self.taken += envelopes
        return {envelope.message_id for envelope in envelopes}


def test_a_worker_does_puts_off_and_gives_up_as_it_should(desk: Desk) -> None:
    desk.send("tests.note", queue="courses", word="foreign")
    for body, headers in GARBAGE.values():
        desk.publish(body, headers)
    failing = desk.send("tests.fail")
    desk.send("tests.fail", attempts=MAX_ATTEMPTS - 1)
    desk.send("tests.dawdle")
    desk.send("tests.hang_up")
    desk.send("tests.later")
    desk.send("tests.unheard_of")
    desk.send("tests.note", word="done")
    began = now()
    with desk.worker():
        desk.until_written("done")
        until(lambda: len(waits()) == 4 and desk.waiting_in("users") == 0, "something still waits in the queue")
        until(lambda: desk.waiting_in("users.dead") == len(GARBAGE) + 2, "not all garbage is among the dead letters")
    assert desk.words() == {"done": 1, "failed": 2, "dawdled": 1, "hung up": 1, "not yet": 1}
    assert desk.waiting_in("courses") == 1  # another service's
    assert sorted(waits()) == [("tests.dawdle", 1), ("tests.fail", 1), ("tests.hang_up", 1), ("tests.later", 0)]
    later = QueuedMessage.objects.get(target="tests.later")
    assert later.available_at - began > timedelta(hours=5)
    row = QueuedMessage.objects.get(target="tests.fail")
    assert (row.message_id, row.last_error) == (failing.message_id, "RuntimeError('on purpose')")
    assert row.available_at - began < timedelta(seconds=60)

    transport = Recorder()
    assert relay_waiting(transport=transport, now=now() + AN_HOUR) == 3
    assert [(sent.target, sent.attempts) for sent in transport.taken if sent.message_id == failing.message_id] == [
        ("tests.fail", 1)
    ]
    assert waits() == [("tests.later", 0)]


def test_what_kills_its_worker_dies_alone(desk: Desk) -> None:
    for number in range(10):
        desk.send("tests.note", word=f"before {number}")
    desk.send("tests.die")
    for number in range(10):
        desk.send("tests.note", word=f"after {number}")
    with desk.worker():
        until(lambda: desk.waiting_in("users.dead") == 1, "the poison is not among the dead letters", seconds=60)
        for number in range(10):
            desk.until_written(f"after {number}")
    words = desk.words()
    assert words.pop("died") == topology.DELIVERY_LIMIT + 1
    assert set(words.values()) == {1}
    assert len(words) == 20
    assert desk.waiting_in("users.dead") == 1


def test_told_to_end_it_finishes_what_it_has_begun_and_takes_no_more(desk: Desk) -> None:
    desk.send("tests.stand")
    with desk.worker() as process:
        desk.until_written("stands")
        for number in range(5):
            desk.send("tests.stand", file=f"{desk.paper}.{number}")
        process.send_signal(signal.SIGTERM)
        until(lambda: _said_goodbye(process.pid), "the worker does not hear the signal")
        Path(f"{desk.paper}.go").touch()
        for number in range(5):
            Path(f"{desk.paper}.{number}.go").touch()
        assert process.wait(30) == 0
    assert desk.words() == {"stands": 1, "goes": 1}
    begun = sum(Path(f"{desk.paper}.{number}").exists() for number in range(5))
    assert begun <= 1  # the other child
    assert desk.waiting_in("users") == 5 - begun


def _seen(capfd: Any) -> str:
    seen = capfd.readouterr()
    return str(seen.out + seen.err)


def _said_goodbye(pid: int) -> bool:
    pending = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("ShdPnd"))
    return int(pending.split()[1], 16) == 0


def test_the_parents_sudden_death_ends_the_children_and_the_message_comes_again(desk: Desk) -> None:
    desk.send("tests.stand")
    with desk.worker() as process:
        desk.until_written("stands")
        process.kill()
        process.wait()
    with desk.worker():
        desk.until_written("stands", 2)
        Path(f"{desk.paper}.go").touch()
        desk.until_written("goes")
    assert desk.words() == {"stands": 2, "goes": 1}
    assert desk.waiting_in("users") == 0


def test_told_to_end_it_does_not_wait_for_the_longest_job(desk: Desk) -> None:
    desk.send("tests.stand")
    with desk.worker("--impatient") as process:
        desk.until_written("stands")
        process.terminate()
        assert process.wait(30) == 0
    until(lambda: desk.waiting_in("users") == 1, "the job is lost")
    assert desk.words() == {"stands": 1}


def test_killed_between_commit_and_acknowledgement_a_fact_is_done_once(desk: Desk, capfd: Any) -> None:
    user_id = uuid7()
    fact = UserRegistered(user_id=user_id, display_name=str(desk.paper), locale="en")
    orders = Path(f"{desk.paper}.orders")
    orders.write_text("deliver.after_commit")
    envelope = Envelope(
        message_id=uuid7(), kind="fact", name="users.user_registered.v1", target="users.hear", queue="users",
        payload=events.dump(fact), headers={}, available_at=now(),
    )  # fmt: skip
    packed = wire.pack(envelope)
    with desk.worker(str(orders)):
        desk.publish(packed.body, packed.headers, **packed.properties)
        desk.until_written("heard")
        until(lambda: "exitcode 137" in _seen(capfd), "it is not killed")
    with desk.worker():
        desk.send("tests.note", word="next")
        desk.until_written("next")
        until(lambda: desk.waiting_in("users") == 0, "the fact does not come again")
    assert desk.words() == {"heard": 1, "next": 1}
    assert InboxEntry.objects.filter(message_id=user_id).count() == 1
    assert InboxEntry.objects.filter(message_id=envelope.message_id, handler="users.hear").count() == 1
    assert (desk.waiting_in("users"), desk.waiting_in("users.dead"), waits()) == (0, 0, [])


def test_a_database_that_is_away_costs_a_message_neither_tries_nor_deliveries(desk: Desk) -> None:
    desk.send("tests.fail", attempts=3)
    with desk.worker("--impatient", database="postgres://nobody@127.0.0.1:1/nowhere"):
        desk.until_written("failed", topology.DELIVERY_LIMIT + 3)
    assert desk.waiting_in("users") in {1, 2}  # ended between sending it anew and acknowledging it
    assert desk.waiting_in("users.dead") == 0
    with desk.worker():
        until(lambda: waits() == [("tests.fail", 4)], "it does not wait for its next try")


@pytest.mark.parametrize("queues", [["users"], ["mail"], ["pdf"], ["imports"], ["media"], ["default", "pdf"]])
def test_slow_work_has_more_time(queues: list[str]) -> None:
    is_slow = bool({"pdf", "imports", "media"} & set(queues))
    assert limits_of(queues) == ((240, 300) if is_slow else (60, 90))


def test_celery_is_set_as_the_rules_say() -> None:
    wanted = {
        "task_acks_late": True, "task_reject_on_worker_lost": True, "task_acks_on_failure": False,
        "task_acks_on_timeout": False, "worker_prefetch_multiplier": 1, "task_default_queue_type": "quorum",
        "worker_cancel_long_running_tasks_on_connection_loss": True, "broker_heartbeat": 15,
        "broker_connection_max_retries": None, "broker_pool_acquire_timeout": 5, "task_create_missing_queues": False,
        "task_soft_time_limit": 60, "task_time_limit": 90, "worker_soft_shutdown_timeout": 30,
        "worker_enable_soft_shutdown_on_idle": True, "worker_lost_wait": 1.0, "worker_max_tasks_per_child": 1000,
        "worker_max_memory_per_child": 300_000, "task_ignore_result": True, "result_backend": None,
        "accept_content": ["json"], "worker_enable_remote_control": False,
        "broker_transport_options": {"confirm_publish": True},
    }  # fmt: skip
    assert {name: getattr(app.conf, name) for name in wanted} == wanted
