"""The relay: order, parking, resting, several side by side, and as a process."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
from django.db import connection, connections, transaction

from apps.users.events import UserRegistered
from learninghub import events
from learninghub.broker import connecting
from learninghub.broker.backoff import Backoff
from learninghub.broker.relaying import Relay
from learninghub.broker.wire import LARGEST, pack
from learninghub.clock import now
from learninghub.db import uuid7
from learninghub.outbox import publish, publish_all, relay, waiting, wake
from learninghub.outbox.crash import KILLED
from learninghub.outbox.envelope import Envelope
from learninghub.outbox.listening import CommitBell
from learninghub.outbox.models import OutboxMessage, QueuedMessage
from tests.support.facts import later_of_clocks
from tests.support.instances import Rabbit
from tests.support.instances.server import until

LONG = 60.0  # seconds before a test gives up


class Post:
    """A transport that writes down what it takes, and takes what it is told to."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.refuses: Callable[[Envelope], bool] = lambda _: False
        self.calls = 0
        self._lock = threading.Lock()

    def send(self, envelopes: Sequence[Envelope]) -> set[UUID]:
        for envelope in envelopes:
            pack(envelope)
        with self._lock:
            self.calls += 1
            some = [envelope for envelope in envelopes if not self.refuses(envelope)]
            self.taken += some
        return {envelope.message_id for envelope in some}

    def rest(self) -> float:
        return 0.0

    def keep_alive(self) -> None: ...


@pytest.fixture(autouse=True)
def _one_ear(monkeypatch: pytest.MonkeyPatch) -> None:
    def listen(event: UserRegistered) -> None: ...

    listen.__module__ = "apps.courses.handlers"
    monkeypatch.setattr(events, "_handlers", {})
    events.handles(UserRegistered)(listen)


def registered(user_id: UUID | None = None, name: str = "Ada") -> UserRegistered:
    return UserRegistered(user_id=user_id or uuid7(), display_name=name, locale="en")


def state(*facts: UserRegistered) -> list[UUID]:
    with transaction.atomic():
        return [publish(fact) for fact in facts]


def waiting_ids() -> set[UUID]:
    return set(OutboxMessage.objects.filter(published_at=None).values_list("message_id", flat=True))


@pytest.mark.django_db
class TestWhatCannotLeave:
    def test_what_is_too_big_is_parked_and_others_go_on(self):
        user_id = uuid7()
        first, big, behind, other = state(
            registered(user_id), registered(user_id, "x" * LARGEST), registered(user_id), registered()
        )
        post = Post()
        left = [relay.relay_once(transport=post, now=later_of_clocks()) for _ in range(relay.PARK_AFTER + 1)]
        assert left == [2, *[0] * relay.PARK_AFTER]
        assert {envelope.message_id for envelope in post.taken} == {first, other}
        assert waiting_ids() == {big, behind}
        parked = OutboxMessage.objects.get(message_id=big)
        assert (parked.attempts, parked.parked_at is not None) == (relay.PARK_AFTER, True)
        assert f"more than {LARGEST}" in parked.last_error

    def test_a_partition_that_is_refused_rests_and_the_others_go_on(self):
        refused, *_ = state(*(registered() for _ in range(40)))
        post = Post()
        post.refuses = lambda envelope: envelope.message_id == refused
        clock = [0.0]
        one = Relay(
            transport=post, bell=CommitBell(), clock=later_of_clocks,
            backoff=lambda: Backoff(clock=lambda: clock[0], jitter=lambda _, most: most),
        )  # fmt: skip
        stop = threading.Event()
        assert one.relay(stop) == 39
        calls = post.calls
        assert (one.relay(stop), post.calls) == (0, calls)
        clock[0] = 0.6
        assert (one.relay(stop), post.calls) == (0, calls + 1)
        post.refuses = lambda _: False
        clock[0] = 2.0
        assert (one.relay(stop), waiting_ids()) == (1, set())

    def test_with_the_broker_away_no_row_is_touched(self):
        state(registered())
        post = Post()
        post.rest = lambda: 1.0  # type: ignore[method-assign]
        assert Relay(transport=post, bell=CommitBell()).relay(threading.Event()) == 0
        assert post.calls == 0

    def test_it_is_alive_while_its_rounds_come(self):
        clock = [0.0]
        one = Relay(transport=Post(), bell=CommitBell(), monotonic=lambda: clock[0])
        one.relay(threading.Event())
        clock[0] = 59.0
        assert one.is_alive() is True
        clock[0] = 61.0
        assert one.is_alive() is False

    def test_a_retry_that_is_due_goes_back_and_its_row_away(self):
        envelope = Envelope(
            message_id=uuid7(), kind="fact", name="users.user_registered.v1", target="courses.listen",
            queue="courses", payload={}, headers={}, available_at=now(),
        )  # fmt: skip
        waiting.wait(envelope, attempts=3, until=now(), error="once")
        post = Post()
        assert Relay(transport=post, bell=CommitBell(), clock=later_of_clocks).relay(threading.Event()) == 1
        assert [(one.message_id, one.attempts) for one in post.taken] == [(envelope.message_id, 3)]
        assert QueuedMessage.objects.count() == 0

    def test_a_retry_that_is_refused_stands_aside_and_one_too_big_lies_dead(self):
        refused, big, good = (
            Envelope(
                message_id=uuid7(), kind="fact", name="users.user_registered.v1", target="courses.listen",
                queue="courses", payload={"words": words}, headers={}, available_at=now(),
            )
            for words in ("refused", "x" * LARGEST, "good")
        )  # fmt: skip
        for envelope in (refused, big, good):
            waiting.wait(envelope, attempts=1, until=now(), error="once")
        post = Post()
        post.refuses = lambda envelope: envelope.message_id == refused.message_id
        at = later_of_clocks()
        assert [waiting.relay_waiting(transport=post, now=at) for _ in range(3)] == [0, 1, 0]
        assert [one.message_id for one in post.taken] == [good.message_id]
        rows = {row.message_id: (row.dead_at, row.available_at) for row in QueuedMessage.objects.all()}
        assert rows[refused.message_id] == (None, at + waiting.REFUSED_FOR)
        assert rows[big.message_id][0] == at


@pytest.mark.django_db(transaction=True)
class TestSideBySide:
    AGGREGATES, EACH = 6, 40

    def drain(self, race: Callable, post: Post) -> dict[str, list[str]]:
        """Three relays at once; the numbers of each aggregate's facts in the order they left."""
        users = [uuid7() for _ in range(self.AGGREGATES)]
        for number in range(self.EACH):
            with transaction.atomic():
                publish_all([registered(user, str(number)) for user in users])

        def run(_: int) -> None:
            while relay.relay_once(transport=post, now=later_of_clocks()):
                pass

        race(run, 3)
        left: dict[str, list[str]] = {str(user): [] for user in users}
        for envelope in post.taken:
            left[envelope.payload["user_id"]].append(envelope.payload["display_name"])
        return left

    def test_three_relays_keep_the_order_and_double_nothing(self, race: Callable, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(relay, "BATCH", 7)
        expected = [str(number) for number in range(self.EACH)]
        left = self.drain(race, Post())
        run_dry = Post()
        while relay.relay_once(transport=run_dry, now=later_of_clocks()):
            pass
        for user, numbers in left.items():
            rest = [one.payload["display_name"] for one in run_dry.taken if one.payload["user_id"] == user]
            assert numbers + rest == expected

    def test_without_the_lock_they_send_the_same_twice(self, race: Callable, monkeypatch: pytest.MonkeyPatch):
        """The control: with the lock taken away, relays that read at the same time send the same rows."""
        monkeypatch.setattr(relay, "_lock", lambda _: True)
        post = Post()
        both_have_read = threading.Barrier(3, timeout=LONG)
        send, met = post.send, threading.local()

        def meet_first(envelopes: Sequence[Envelope]) -> set[UUID]:
            if not getattr(met, "once", False):
                met.once = True
                both_have_read.wait()
            return send(envelopes)

        post.send = meet_first  # type: ignore[method-assign]
        left = self.drain(race, post)
        assert sum(map(len, left.values())) > self.AGGREGATES * self.EACH

    def test_a_long_transaction_that_holds_low_ids_loses_nothing(self):
        """Ids are given before commit: who remembers the last one sent passes over the facts below it (control)."""
        written, may_commit = threading.Event(), threading.Event()

        def slowly() -> UUID:
            try:
                with transaction.atomic():
                    early = publish(registered())
                    written.set()
                    assert may_commit.wait(LONG)
                return early
            finally:
                connections.close_all()

        post = Post()
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(slowly)
            assert written.wait(LONG)
            late = state(registered(), registered())
            assert relay.relay_once(transport=post, now=later_of_clocks()) == 2
            watermark = OutboxMessage.objects.order_by("-id").values_list("id", flat=True)[0]
            may_commit.set()
            early = future.result(LONG)
        assert OutboxMessage.objects.filter(id__gt=watermark).count() == 0
        assert relay.relay_once(transport=post, now=later_of_clocks()) == 1
        assert [one.message_id for one in post.taken if one.message_id == early] == [early]
        assert {one.message_id for one in post.taken} == {early, *late}


@pytest.mark.django_db(transaction=True)
class TestBell:
    @pytest.fixture
    def bell(self) -> Iterator[CommitBell]:
        bell = CommitBell()
        bell.wait(0.0, threading.Event())
        yield bell
        bell.close()

    @pytest.fixture
    def fleet(self, settings: Any) -> None:
        settings.AMQP_URL = "amqp://broker"

    def heard(self, bell: CommitBell, seconds: float) -> list[str]:
        assert bell._listener is not None
        return [word.channel for word in bell._listener.notifies(timeout=seconds, stop_after=1)]

    def test_a_commit_rings_once_and_only_where_there_is_a_broker(self, bell: CommitBell, settings: Any):
        state(registered())
        settings.AMQP_URL = "amqp://broker"
        with transaction.atomic():
            publish(registered())
            publish_all([registered(), registered()])
        assert self.heard(bell, LONG) == [wake.CHANNEL]
        assert self.heard(bell, 0.0) == []

    def test_the_word_costs_no_statement(self, fleet: None, queries_of: Callable):
        with transaction.atomic():
            assert queries_of(lambda: publish(registered())) == 1
            assert queries_of(lambda: publish_all([registered(), registered()])) == 1

    def test_a_bell_that_was_cut_off_is_hung_up_again(self, bell: CommitBell, fleet: None):
        assert bell._listener is not None
        first = bell._listener.info.backend_pid
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(%s)", [first])
        stop = threading.Event()
        bell.wait(0.01, stop)
        bell.wait(0.01, stop)
        bell.wait(0.01, stop)
        assert bell._listener is not None
        assert bell._listener.info.backend_pid != first
        state(registered())
        assert self.heard(bell, LONG) == [wake.CHANNEL]

    def test_a_failing_round_is_followed_by_the_next(self, bell: CommitBell, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("learninghub.broker.relaying.POLL_S", 0.01)
        (fact,) = state(registered())
        post, stop = Post(), threading.Event()
        rounds: list[int] = []

        def keep_alive() -> None:
            rounds.append(len(rounds))
            if len(rounds) == 1:
                raise psycopg.OperationalError("away for a moment")
            if post.taken:
                stop.set()

        post.keep_alive = keep_alive  # type: ignore[method-assign]
        Relay(transport=post, bell=bell, clock=later_of_clocks).run(stop)
        assert [one.message_id for one in post.taken] == [fact]


@pytest.mark.django_db(transaction=True)
class TestProcess:
    @pytest.fixture
    def url(self, rabbit: Rabbit) -> str:
        return rabbit.vhost("relay-process")

    @pytest.fixture
    def environment(self, url: str, tmp_path: Path) -> dict[str, str]:
        database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database.geturl(),
            "AMQP_URL": url,
            "LEARNINGHUB_VAR": str(tmp_path),
            "SITE_URL": "http://127.0.0.1:3000",
        }

    @staticmethod
    def start(environment: dict[str, str], *command: str) -> subprocess.Popen[bytes]:
        words = [sys.executable, *(command or ("manage.py", "relay"))]
        return subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)

    def test_killed_after_sending_it_loses_nothing_and_ends_when_told(
        self, environment: dict[str, str], tmp_path: Path
    ):
        orders = tmp_path / "orders"
        orders.write_text("relay.after_send")
        # The process knows the real handlers: a fact that is heard.
        name = "enrollments.learner_enrolled.v1"
        stated = state(*(registered() for _ in range(30)))
        OutboxMessage.objects.update(
            name=name, payload={"enrollment_id": str(uuid7()), "user_id": str(uuid7()), "course_id": str(uuid7()),
                                "source": "purchase"},
        )  # fmt: skip
        first = self.start(environment, "-m", "tests.kernel.relay_under_test", str(orders))
        assert first.wait(LONG) == KILLED
        assert waiting_ids() == set(stated)
        second = self.start(environment)
        try:
            until(lambda: not waiting_ids(), "not all left", seconds=LONG)
            second.send_signal(signal.SIGTERM)
            assert second.wait(10) == 0
        finally:
            second.kill()
            second.wait()
        line = connecting.connect(environment["AMQP_URL"])
        channel = line.channel()
        messages = [
            one.properties["message_id"] for one in iter(lambda: channel.basic_get("courses", no_ack=True), None)
        ]
        connecting.say_goodbye(line)
        assert set(messages) == {str(one) for one in stated}
        assert 30 < len(messages) <= 60

    def test_without_a_broker_it_says_so(self, environment: dict[str, str]):
        done = subprocess.run(
            [sys.executable, "manage.py", "relay"], env=environment | {"AMQP_URL": ""}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert (done.returncode, "AMQP_URL is not set" in done.stderr) == (1, True)
