"""How fast relays empty the outbox, beside publishers that do nothing else: `python -m bench.relay`.

Real `manage.py relay` processes, on a PostgreSQL and a RabbitMQ of their own that wait for the disk. Their locks hold
them back while the outbox is filled; then they are let go together. What is compared is measured in turn, round by
round, as the machine may have other work. A fact here has three who hear it, so it is three messages.
"""

import argparse
import multiprocessing
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import django
import psutil
import psycopg

from tests.support.instances import Postgres, Rabbit, postgres, rabbitmq
from tests.support.instances.server import folder, until

AT_ONCE = 500  # facts in one transaction that fills the outbox
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor seconds, by who had them."""

    own: float
    broker: float
    database: float


@dataclass(frozen=True, slots=True)
class Run:
    """One emptying: how long it took, and what it took."""

    seconds: float
    spent: Spent


@dataclass(frozen=True, slots=True)
class House:
    """The servers of this measurement."""

    database: Postgres
    broker: Rabbit

    def spent(self, own: float) -> Spent:
        return Spent(own, _processor_s(self.broker.pid), _processor_s(self.database.pid))


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--facts", type=int, default=4000)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--most", type=int, default=2, help="as many side by side")
    chosen = words.parse_args()
    with postgres(fsync="on", full_page_writes="on") as database, rabbitmq() as broker, folder("bench") as var:
        _set_up(database, broker, var)
        house, runs = House(database, broker), defaultdict(list)
        for _ in range(chosen.rounds):
            for many in range(1, chosen.most + 1):
                runs["publishing", many].append(_publish(house, chosen.facts, publishers=many))
                runs["relaying", many].append(_drain(house, chosen.facts, relays=many))
    print(f"{chosen.facts} facts, medians of {chosen.rounds} rounds; load of the machine {os.getloadavg()[0]:.0f}\n")
    print("                                       processor ms a fact")
    print("               facts/s    from … to       own  broker  database")
    for (what, many), found in sorted(runs.items()):
        print(f"{many} {what:<12} {_figures(found, chosen.facts)}")


def _figures(runs: Sequence[Run], facts: int) -> str:
    speeds = [facts / run.seconds for run in runs]
    own, broker, database = (1000 / facts * median(each) for each in zip(*(astuple(run.spent) for run in runs)))
    spread = f"{min(speeds):.0f} … {max(speeds):.0f}"
    return f"{median(speeds):>7.0f}  {spread:>13} {own:>7.2f} {broker:>7.2f} {database:>9.2f}"


def _set_up(database: Postgres, broker: Rabbit, var: Path) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database.url,
        "AMQP_URL": broker.url,
        "LEARNINGHUB_VAR": str(var),
        "SITE_URL": "http://127.0.0.1:3000",
    }
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _drain(house: House, facts: int, *, relays: int) -> Run:
    from learninghub.outbox import relay
    from learninghub.outbox.publishing import PARTITIONS

    with psycopg.connect(house.database.url, autocommit=True) as session, _relays(relays) as running:

        def holds(question: str) -> bool:
            return session.execute(question).fetchone() == (True,)  # type: ignore[arg-type]

        all_listen = f"select count(*) = {relays} from pg_stat_activity where query like 'listen %'"  # noqa: S608
        until(lambda: holds(all_listen), "the relays are not up", seconds=PATIENCE_S)
        session.execute(
            "select pg_advisory_lock(%s, number) from generate_series(0, %s) number",
            [relay._LOCK_SPACE, PARTITIONS - 1],  # noqa: SLF001  what holds a relay back is another relay's lock
        )
        _fill(facts)
        session.execute("vacuum analyze learninghub_outboxmessage")
        with _measured(house, lambda: sum(_processor_s(one.pid) for one in running)) as run:
            session.execute("select pg_advisory_unlock_all()")
            is_empty = "select not exists (select from learninghub_outboxmessage where published_at is null)"
            until(lambda: holds(is_empty), "the outbox is not emptied", seconds=PATIENCE_S)
        session.execute("truncate learninghub_outboxmessage, learninghub_aggregateversion")
    return run[0]


@contextmanager
def _relays(many: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    with ExitStack() as stack:
        running = []
        for _ in range(many):
            command = [sys.executable, "manage.py", "relay"]
            running.append(stack.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL)))
            stack.callback(running[-1].terminate)
        yield running


def _fill(facts: int) -> None:
    from django.db import transaction

    from learninghub.outbox import publish_all

    for done in range(0, facts, AT_ONCE):
        with transaction.atomic():
            publish_all([_fact() for _ in range(min(AT_ONCE, facts - done))])


def _fact() -> Any:
    from apps.enrollments.events import LearnerEnrolled
    from learninghub.db import uuid7

    return LearnerEnrolled(enrollment_id=uuid7(), user_id=uuid7(), course_id=uuid7(), source="free")


def _publish(house: House, facts: int, *, publishers: int) -> Run:
    """The same messages, made beforehand, as many to a wait for confirms as a relay's: no relay can be faster."""
    processes = multiprocessing.get_context("fork")
    ready, spent, own = processes.Barrier(publishers + 1), processes.Queue(), [0.0]
    running = [
        processes.Process(target=_publisher, args=(facts // publishers, ready, spent)) for _ in range(publishers)
    ]
    for one in running:
        one.start()
    ready.wait(PATIENCE_S)
    with _measured(house, lambda: own[0]) as run:
        own[0] = sum(spent.get(timeout=PATIENCE_S) for _ in running)
    for one in running:
        one.join()
    return run[0]


def _publisher(facts: int, ready: Any, spent: Any) -> None:
    from learninghub import events
    from learninghub.broker import connecting, topology
    from learninghub.broker.confirms import ConfirmedChannel
    from learninghub.broker.wire import pack
    from learninghub.outbox.envelope import address
    from learninghub.outbox.models import OutboxMessage
    from learninghub.outbox.relay import BATCH

    fact = _fact()
    message = OutboxMessage(
        kind=OutboxMessage.Kind.FACT, name=events.kind_of(type(fact)).name, payload=events.dump(fact), headers={},
        available_at=datetime.now(UTC),
    )  # fmt: skip
    batch = [(pack(envelope), envelope.queue) for _ in range(BATCH) for envelope in address(message)]
    connection = connecting.connect(os.environ["AMQP_URL"])
    topology.declare(connection)
    channel = ConfirmedChannel(connection)
    deadline = time.monotonic() + 2 * PATIENCE_S
    ready.wait(PATIENCE_S)
    began = time.process_time()
    for _ in range(0, facts, BATCH):
        with channel.together():
            for packed, queue in batch:
                channel.publish(packed, routing_key=queue, until=deadline)
        channel.wait(until=deadline)
    spent.put(time.process_time() - began)
    connecting.say_goodbye(connection)


@contextmanager
def _measured(house: House, own: Callable[[], float]) -> Iterator[list[Run]]:
    run: list[Run] = []
    before, began = astuple(house.spent(own())), time.perf_counter()
    yield run
    seconds = time.perf_counter() - began
    run.append(Run(seconds, Spent(*(after - first for first, after in zip(before, astuple(house.spent(own())))))))


def _processor_s(pid: int) -> float:
    """What the process and those it has started have spent."""
    root = psutil.Process(pid)
    times = [one.cpu_times() for one in (root, *root.children(recursive=True))]
    return sum(one.user + one.system for one in times)


if __name__ == "__main__":
    main()
