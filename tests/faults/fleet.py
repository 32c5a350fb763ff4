"""The platform as a fleet on throw-away servers: a process for each service and its queues, two relays, a schedule."""

import contextlib
import dataclasses
import json
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any, Self

import amqp
import psycopg

from learninghub.registry import BY_NAME, QUEUES, SERVICES, Service
from tests.faults import asking
from tests.faults.asking import Answer, Down
from tests.faults.house import OPEN, PASS_THE_LEASES, PASS_THE_WAITS
from tests.faults.members import Member, Members
from tests.faults.pods import Balancer, Place, is_ready
from tests.faults.servers import GATEWAY, Servers, environment_of, python
from tests.support.instances.server import folder, until

RELAYS = ("relay-1", "relay-2")
TWICE = (GATEWAY, "course-service", "enrollment-service")  # each by two pods, "-2" being the second
SETTLED_WITHIN_S = 120
_COUNTER = re.compile(r"messages_(received|delivered|redelivered|confirmed)_total => (\d+)")
_LENGTH = re.compile(r'<<"([^"]+)">>,(\d+)')
QUEUE_LENGTHS = """
[{element(4, amqqueue:get_name(Q)),
  element(2, element(2, ra:leader_query(amqqueue:get_pid(Q), fun rabbit_fifo:query_messages_total/1)))}
 || Q <- rabbit_amqqueue:list()].
"""
OPEN_BY_NAME = """
select name, count(*), '' from learninghub_outboxmessage
where published_at is null and parked_at is null and available_at <= now() group by 1
union all
select target, count(*), max(attempts || ' tries, ' || available_at || ': ' || last_error)
from learninghub_queuedmessage where dead_at is null group by 1
"""
DONE = """
select (select max(id) from learninghub_outboxmessage), (select count(*) from learninghub_inboxentry),
       (select max(updated_at) from notifications_mail)
"""
_LAG = """
select coalesce(extract(epoch from now() - min(available_at)), 0) from learninghub_outboxmessage
where published_at is null and parked_at is null and available_at <= now()
"""


@dataclass(frozen=True)
class Counters:
    """What the broker has counted since it started."""

    received: int
    confirmed: int
    delivered: int
    redelivered: int


class Fleet:
    """The house of many processes, as the learner sees it, and the means to hurt it."""

    def __init__(self, servers: Servers, place: Path) -> None:
        self.servers = servers
        # A loopback address of its own: services keep their ports of the registry beside any other fleet's.
        # Every service is found there; one of two pods has an address beside it, as pods have.
        self._network = f"127.{os.getpid() % 100 + 100}.{os.getpid() // 100 % 250}"
        self.address = f"{self._network}.1"
        self.environment = environment_of(servers, place, self.address)
        servers.stripe.deliver_to(f"{self.environment['SITE_URL']}/api/v1/payments/webhooks/stripe/")
        self.pods: dict[str, Place] = {}
        self.balancers: dict[str, Balancer] = {}
        self.folder = place
        self.members: Members
        self.last_seen_open = ""
        self._counted_before: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._database: psycopg.Connection | None = None
        self._hurt_at: Any = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.members = Members(self.folder, self.environment)
        for service in SERVICES:
            if service.name in TWICE:
                pods = [
                    self._add_pod(name, service, f"{self._network}.{number}")
                    for number, name in ((2, service.name), (3, f"{service.name}-2"))
                ]
                balancer = Balancer(pods, at=(self.address, service.port))
                self.balancers[service.name] = self._stack.enter_context(balancer)
            else:
                self._add_pod(service.name, service, self.address)
        for service in SERVICES:
            self.members.add(f"work-{service.app}", "work", service.name)
        for name in RELAYS:
            self.members.add(name, "relay")
        self.members.add("schedule", "schedule")
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()
        self._stack.close()
        self.members.end()

    def _add_pod(self, name: str, service: Service, host: str) -> Place:
        command = ("-m", "config.proxy") if service.name == GATEWAY else ("serve", service.name)
        self.members.add(name, *command, "--host", host)
        self.pods[name] = (host, service.port)
        return self.pods[name]

    def member(self, name: str) -> Member:
        return self.members.by_name[name]

    def workers(self, *apps: str) -> list[Member]:
        return [self.member(f"work-{service.app}") for service in SERVICES if not apps or service.app in apps]

    def services(self) -> list[Member]:
        """The pods of all services."""
        return [self.member(name) for name in self.pods]

    def wait_until_up(self) -> float:
        """Every service is ready, and every queue has a consumer; gives the seconds it took."""
        began = time.monotonic()
        for name in self.pods:
            until(lambda n=name: self.is_ready(n), f"{name}:\n{self.tail(name)}")  # type: ignore[misc]
        until(lambda: all(len(one.ready) == 2 for one in self.balancers.values()), "a pod that nobody finds")
        until(self._all_queues_are_heard, "a queue without a consumer")
        return time.monotonic() - began

    def request(self, method: str, path: str, body: Any = None, **more: str | None) -> Answer:
        return asking.ask((self.address, BY_NAME[GATEWAY].port), method, path, body, **more)  # type: ignore[arg-type]

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                if self._database is None:
                    words = "-c statement_timeout=20s -c idle_in_transaction_session_timeout=0"
                    self._database = psycopg.connect(
                        self.servers.database.database("hub"), autocommit=True, connect_timeout=5, options=words,
                        application_name="witness", keepalives_idle=5, tcp_user_timeout=20000,
                    )  # fmt: skip
                cursor = self._database.execute(statement, values or None)  # type: ignore[call-overload]
                return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            self._hang_up()
            raise Down from error

    def mails_to(self, address: str) -> list[Message]:
        """What came to the address, once anything has."""
        end = time.monotonic() + asking.PATIENCE_S
        while True:
            found = [mail.message for mail in list(self.servers.mail.received) if address in mail.recipients]
            if found:
                return list(found)
            if time.monotonic() > end:
                raise Down
            self._let_time_pass()
            time.sleep(0.2)

    def settle(self) -> float:
        """Nothing is left in outbox or queues; gives the seconds that took, without those of the last look."""
        began = time.monotonic()
        end = began + SETTLED_WITHIN_S
        while time.monotonic() < end:
            with contextlib.suppress(Down):
                self._let_time_pass()
                if self.ask(OPEN) == [(0,)] and not self.ready_messages():
                    looked, done = time.monotonic(), self.ask(DONE)
                    # Queues are looked at one by one: only if nothing has moved meanwhile were all empty at once.
                    held = {name: count for name, count in self.depths().items() if count}
                    if not held and self.ask(OPEN) == [(0,)] and self.ask(DONE) == done:
                        return looked - began
                    self.last_seen_open = f"queues {held}"
                else:
                    self.last_seen_open = f"rows {self.ask(OPEN_BY_NAME)}"
            time.sleep(0.1)
        raise AssertionError(f"it does not come to rest: {self.last_seen_open}")

    def note_harm(self) -> None:
        """From now on a mail that was being sent may have lost its sender: its two minutes need not be waited for."""
        with contextlib.suppress(Down):
            self._hurt_at = self.ask("select clock_timestamp()")[0][0]

    def ready_messages(self) -> int:
        """Messages in queues that nobody holds; dead letters are not among them."""
        with contextlib.suppress(OSError, amqp.AMQPError), self._channel() as channel:
            return sum(channel.queue_declare(name, passive=True).message_count for name in QUEUES)
        raise Down

    def depths(self) -> dict[str, int]:
        """Messages of each queue, held ones too, as the queue itself knows them: `list_queues` is seconds behind."""
        found = self.servers.broker.evaluate(QUEUE_LENGTHS)
        return {name: int(count) for name, count in _LENGTH.findall(found) if not name.endswith(".dead")}

    def dead_letters(self) -> int:
        ((rows,),) = self.ask("select count(*) from learninghub_queuedmessage where dead_at is not null")
        return int(rows) + sum(self.dead_letters_of(name) for name in QUEUES)

    def dead_letters_of(self, queue: str) -> int:
        with self._channel() as channel:
            return int(channel.queue_declare(f"{queue}.dead", passive=True).message_count)

    def purge_dead_letters(self, queue: str) -> None:
        with self._channel() as channel:
            channel.queue_purge(f"{queue}.dead")

    def messages_asked_for(self) -> int:
        """Facts by those who heard them, and jobs: what the broker would be sent if nothing were sent twice."""
        ((count,),) = self.ask(
            """select (select count(*) from learninghub_inboxentry)
                    + (select count(*) from learninghub_outboxmessage where kind = 'job')"""
        )
        return int(count)

    def is_ready(self, name: str) -> bool:
        """The pod answers that it is ready, which it is when its database answers and it is not about to end."""
        return is_ready(self.pods[name])

    def counters(self) -> Counters:
        return self._count("rabbit_global_counters:overview().")

    def stop_broker(self) -> None:
        """Its connections close, and it forgets what it has counted; we do not."""
        last = self._count("begin Last = rabbit_global_counters:overview(), rabbit:stop(), Last end.")
        self._counted_before = Counter(dataclasses.asdict(last))

    def _count(self, erlang: str) -> Counters:
        sums = Counter(self._counted_before)
        for name, count in _COUNTER.findall(self.servers.broker.evaluate(erlang)):
            sums[name] += int(count)
        return Counters(**{name: sums[name] for name in ("received", "confirmed", "delivered", "redelivered")})

    def lag(self) -> float:
        """The age of the oldest message that should have left the outbox; 0 where there is none."""
        return float(self.ask(_LAG)[0][0])

    def tail(self, name: str) -> str:
        return self.member(name).said()[-3000:]

    def _let_time_pass(self) -> None:
        if self._hurt_at is not None:
            self.ask(PASS_THE_LEASES, self._hurt_at)
        self.ask(PASS_THE_WAITS)

    def _channel(self) -> Any:
        @contextmanager
        def opened() -> Iterator[Any]:
            port = self.servers.broker.port
            with amqp.Connection(f"127.0.0.1:{port}", connect_timeout=5, read_timeout=5) as connection:
                yield connection.channel()

        return opened()

    def _all_queues_are_heard(self) -> bool:
        with contextlib.suppress(OSError, amqp.AMQPError), self._channel() as channel:
            return all(channel.queue_declare(name, passive=True).consumer_count for name in QUEUES)
        return False

    def manage(self, *words: str) -> str:
        """A command of manage.py beside the fleet; gives what it wrote."""
        return python(["manage.py", *words], self.environment)

    def breached_invariants(self) -> list[str]:
        """What the audit of the data finds broken, with the ids of what breaks it."""
        found = json.loads(python(["manage.py", "audit_invariants"], self.environment, may_end_with=(0, 1)))
        return [f"{one['code']}: {one['breaches']}"[:300] for one in found["invariants"] if one["breaches"]]

    def _hang_up(self) -> None:
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None


@contextmanager
def fleet() -> Iterator[Fleet]:
    with folder("fleet") as place, Servers.running(place) as servers, Fleet(servers, place) as running:
        yield running
