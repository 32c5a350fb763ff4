"""Facts and jobs: written with the change, handed on in order, done once."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from structlog.testing import capture_logs

from apps.users.events import UserRegistered
from learninghub import events, jobs
from learninghub.clock import now
from learninghub.db import uuid7
from learninghub.jobs import Later, enqueue, job
from learninghub.outbox import housekeeping, publish, publish_all
from learninghub.outbox.delivery import deliver
from learninghub.outbox.envelope import Envelope
from learninghub.outbox.local_queue import MAX_ATTEMPTS, LocalQueue, free_leases, work_once
from learninghub.outbox.models import InboxEntry, OutboxMessage, QueuedMessage
from learninghub.outbox.publishing import OutsideTransaction
from learninghub.outbox.relay import KNOWN_WITHIN, PARK_AFTER, relay_once
from learninghub.outbox.schedule import schedule_once
from learninghub.storage.s3 import StoreUnavailable
from tests.support.facts import deliver_all, later_of_clocks

pytestmark = pytest.mark.django_db


def registered(user_id: UUID | None = None) -> UserRegistered:
    return UserRegistered(user_id=user_id or uuid7(), display_name="Ada", locale="en")


def relay() -> int:
    return relay_once(transport=LocalQueue(), now=later_of_clocks())


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[UserRegistered]:
    """The only ear for registrations in the test, and what it heard."""
    heard: list[UserRegistered] = []

    def listen(event: UserRegistered) -> None:
        heard.append(event)

    listen.__module__ = "apps.courses.handlers"
    monkeypatch.setattr(events, "_handlers", {})
    events.handles(UserRegistered)(listen)
    return heard


@pytest.fixture
def own_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_jobs", {})


class TestPublishing:
    @pytest.mark.django_db(transaction=True)
    def test_outside_a_transaction_is_refused(self):
        with pytest.raises(OutsideTransaction):
            publish(registered())
        assert OutboxMessage.objects.count() == 0

    @pytest.mark.django_db(transaction=True)
    def test_a_rolled_back_change_states_nothing(self):
        with transaction.atomic():
            publish(registered())
            transaction.set_rollback(True)
        assert OutboxMessage.objects.count() == 0

    def test_facts_of_one_aggregate_are_numbered_from_one(self):
        user_id = uuid7()
        for _ in range(3):
            publish(registered(user_id))
        publish(registered())
        rows = OutboxMessage.objects.filter(aggregate_id=str(user_id)).order_by("id")
        assert [row.aggregate_version for row in rows] == [1, 2, 3]
        assert len({row.partition for row in rows}) == 1

    def test_several_facts_are_one_statement_and_keep_their_order(self, queries_of: Callable):
        ada, bob = uuid7(), uuid7()
        publish(registered(ada))
        assert queries_of(lambda: publish_all([registered(bob), registered(ada), registered(ada)])) == 1
        publish(registered(ada))
        rows = OutboxMessage.objects.order_by("id").values_list("aggregate_id", "aggregate_version")
        assert list(rows) == [(str(ada), 1), (str(bob), 1), (str(ada), 2), (str(ada), 3), (str(ada), 4)]
        one, *others = OutboxMessage.objects.filter(aggregate_id=str(ada)).values(
            "kind", "name", "partition", "payload", "headers"
        )
        assert others == [one] * 3

    def test_no_facts_are_no_statement(self, queries_of: Callable):
        assert queries_of(lambda: publish_all([])) == 0

    def test_a_fact_is_one_statement(self, queries_of: Callable):
        assert queries_of(lambda: publish(registered())) == 1

    @pytest.mark.django_db(transaction=True)
    def test_numbers_hold_under_a_race(self, race: Callable):
        user_id = uuid7()

        def state(_: int) -> None:
            with transaction.atomic():
                publish(registered(user_id))

        assert race(state, 8) == [None] * 8
        versions = OutboxMessage.objects.order_by("id").values_list("aggregate_version", flat=True)
        assert list(versions) == [1, 2, 3, 4, 5, 6, 7, 8]


class TestRelay:
    def test_hands_on_each_fact_once_and_in_order(self, heard: list):
        user_id = uuid7()
        stated = [publish(registered(user_id)) for _ in range(5)]
        assert (relay(), relay()) == (5, 0)
        assert list(QueuedMessage.objects.order_by("id").values_list("message_id", flat=True)) == stated

    def test_a_fact_that_nobody_hears_is_done_with(self, heard: list, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(events, "_handlers", {})
        publish(registered())
        assert relay() == 1
        assert QueuedMessage.objects.count() == 0
        assert OutboxMessage.objects.filter(published_at__isnull=True).count() == 0

    def test_marks_only_what_was_confirmed(self, heard: list):
        kept = [publish(registered()) for _ in range(3)]

        class Refusing(LocalQueue):
            def send(self, envelopes):
                return super().send([one for one in envelopes if one.message_id != kept[1]])

        relay_once(transport=Refusing(), now=later_of_clocks())
        assert OutboxMessage.objects.get(published_at__isnull=True).message_id == kept[1]
        assert relay() == 1
        assert QueuedMessage.objects.count() == 3

    def test_a_fact_unknown_here_waits_for_a_newer_release_and_is_parked_where_none_comes(self, heard: list):
        user_id = uuid7()
        strange = publish(registered(user_id))
        OutboxMessage.objects.filter(message_id=strange).update(name="users.unheard_of.v9")
        publish(registered(user_id))
        publish(registered())
        deadline = OutboxMessage.objects.get(message_id=strange).available_at + KNOWN_WITHIN
        shortly_before = deadline - timedelta(seconds=1)
        rounds = [relay_once(transport=LocalQueue(), now=shortly_before) for _ in range(PARK_AFTER + 1)]
        assert rounds == [1] + [0] * PARK_AFTER
        assert not OutboxMessage.objects.exclude(parked_at=None).exists()
        assert relay_once(transport=LocalQueue(), now=deadline) == 0
        parked = OutboxMessage.objects.get(message_id=strange)
        assert (parked.parked_at, parked.last_error) == (deadline, "UnknownFact('users.unheard_of.v9')")
        assert OutboxMessage.objects.filter(published_at__isnull=True).count() == 2
        OutboxMessage.objects.filter(message_id=strange).update(name="users.user_registered.v1", parked_at=None)
        assert relay() == 2

    @pytest.mark.django_db(transaction=True)
    def test_two_relays_share_the_work_without_doubling_it(self, heard: list, race: Callable):
        with transaction.atomic():
            for _ in range(40):
                publish(registered())
        race(lambda _: relay(), 4)
        relay()
        assert QueuedMessage.objects.count() == 40

    @pytest.mark.django_db(transaction=True)
    def test_a_long_transaction_before_others_loses_nothing(self, heard: list, race: Callable):
        """A relay that remembers the last id would pass over the first fact: ids are given before commit."""

        def state(number: int) -> int:
            with transaction.atomic():
                publish(registered())
                if number == 0:
                    with connection.cursor() as cursor:
                        cursor.execute("select pg_sleep(0.3)")
            return relay()

        race(state, 3)
        relay()
        assert QueuedMessage.objects.count() == 3


class TestDelivery:
    def test_twice_delivered_is_once_done(self, heard: list):
        publish(registered())
        relay()
        message = QueuedMessage.objects.get()
        envelope = Envelope(
            **{name: getattr(message, name) for name in ("message_id", "kind", "name", "target", "queue")},
            payload=message.payload,
            headers=message.headers,
            available_at=message.available_at,
        )
        assert [deliver(envelope) for _ in range(3)] == [True, False, False]
        assert len(heard) == 1
        assert InboxEntry.objects.count() == 1

    def test_each_handler_has_its_own_turn(self, heard: list):
        def also(event: UserRegistered) -> None:
            heard.append(event)

        also.__module__ = "apps.reviews.handlers"
        events.handles(UserRegistered)(also)
        publish(registered())
        assert deliver_all() == 2
        assert len(heard) == 2

    def test_a_failing_handler_leaves_nothing_and_is_tried_again(self, heard: list, monkeypatch: pytest.MonkeyPatch):
        def stumble(event: UserRegistered) -> None:
            InboxEntry.objects.create(message_id=event.user_id, handler="trace")
            if len(heard) < 2:
                heard.append(event)
                raise RuntimeError("not yet")

        stumble.__module__ = "apps.reviews.handlers"
        monkeypatch.setattr(events, "_handlers", {})
        events.handles(UserRegistered)(stumble)
        publish(registered())
        relay()
        later = now() + timedelta(days=1)
        times = [later + timedelta(hours=2 * hour) for hour in range(4)]
        assert [work_once(clock=lambda at=at: at) for at in times] == [True, True, True, False]
        assert InboxEntry.objects.filter(handler="trace").count() == 1
        assert QueuedMessage.objects.count() == 0

    def test_what_keeps_failing_lies_dead_and_blocks_nobody(self, heard: list, monkeypatch: pytest.MonkeyPatch):
        def stumble(event: UserRegistered) -> None:
            raise RuntimeError("never")

        stumble.__module__ = "apps.reviews.handlers"
        events.handles(UserRegistered)(stumble)
        publish(registered())
        relay()
        later = now()
        for _ in range(2 * MAX_ATTEMPTS):
            later += timedelta(hours=2)
            work_once(clock=lambda: later)  # noqa: B023  called at once
        dead = QueuedMessage.objects.get()
        assert (dead.target, dead.attempts, dead.dead_at is not None) == ("reviews.stumble", MAX_ATTEMPTS, True)
        assert dead.last_error == "RuntimeError('never')"
        assert len(heard) == 1

    def test_a_killed_worker_loses_nothing(self, heard: list):
        publish(registered())
        relay()
        QueuedMessage.objects.update(leased_until=now() + timedelta(hours=1), attempts=1)
        assert work_once(clock=now) is False
        free_leases()
        assert work_once(clock=later_of_clocks) is True
        assert len(heard) == 1

    def test_a_message_that_kills_its_worker_every_time_ends_dead(self, heard: list):
        publish(registered())
        relay()
        QueuedMessage.objects.update(attempts=MAX_ATTEMPTS)
        assert work_once(clock=later_of_clocks) is True
        assert QueuedMessage.objects.get().dead_at is not None
        assert heard == []

    @pytest.mark.django_db(transaction=True)
    def test_many_workers_take_each_message_once(self, heard: list, race: Callable):
        with transaction.atomic():
            for _ in range(20):
                publish(registered())
        relay()

        def work(_: int) -> int:
            return sum(iter(lambda: work_once(clock=later_of_clocks), False))

        assert sum(race(work, 4)) == 20
        assert len(heard) == 20


class TestJobs:
    def test_a_job_runs_after_commit_with_its_plain_arguments(self, own_jobs: None):
        runs = []

        @job("users.greet", queue="mail")
        def greet(user_id: UUID, times: int) -> None:
            runs.append((user_id, times))

        user_id = uuid7()
        enqueue("users.greet", user_id, 3)
        assert runs == []
        deliver_all()
        assert runs == [(user_id, 3)]

    def test_a_delayed_job_waits(self, own_jobs: None):
        runs = []

        @job("users.greet", queue="mail")
        def greet() -> None:
            runs.append(1)

        enqueue("users.greet", delay=timedelta(minutes=5))
        deliver_all()
        assert runs == []
        relay_once(transport=LocalQueue(), now=now() + timedelta(minutes=6))
        work_once(clock=lambda: now() + timedelta(minutes=6))
        assert runs == [1]

    @pytest.mark.parametrize(
        "reason", [Later("no fonts yet", wait=timedelta(minutes=5)), StoreUnavailable()], ids=["later", "outage"]
    )
    def test_a_job_that_has_to_wait_does_not_use_up_its_tries(self, own_jobs: None, reason: Exception):
        @job("users.greet", queue="mail")
        def greet() -> None:
            raise reason

        enqueue("users.greet")
        relay()
        at = now()
        for _ in range(3 * MAX_ATTEMPTS):
            at += timedelta(minutes=6)
            assert work_once(clock=lambda: at) is True  # noqa: B023  called at once
        waiting = QueuedMessage.objects.get()
        assert (waiting.attempts, waiting.dead_at) == (0, None)

    @pytest.mark.parametrize(
        ("reason", "said"),
        [
            (Later("no fonts yet", wait=timedelta(minutes=5)), ("queue.waits", "info")),
            (ValueError("no such font"), ("queue.failed", "warning")),
        ],
        ids=["later", "failure"],
    )
    def test_waiting_is_no_failure_in_the_log(self, own_jobs: None, reason: Exception, said: tuple[str, str]):
        @job("users.greet", queue="mail")
        def greet() -> None:
            raise reason

        enqueue("users.greet")
        relay()
        with capture_logs() as lines:
            work_once(clock=now)
        assert [(line["event"], line["log_level"]) for line in lines if line.get("target") == "users.greet"] == [said]

    def test_what_cannot_be_a_job_is_refused_at_once(self, own_jobs: None):
        with pytest.raises(TypeError):
            job("users.greet", queue="no-such-queue")(lambda: None)
        with pytest.raises(jobs.UnknownJob):
            enqueue("users.unknown")

        @job("users.greet", queue="mail")
        def greet(user_id: UUID) -> None: ...

        with pytest.raises(TypeError):
            enqueue("users.greet")
        with pytest.raises(TypeError, match="two jobs"):
            job("users.greet", queue="mail")(greet)


class TestHousekeeping:
    def test_the_schedule_asks_once_for_each_turn(self):
        at = now()
        first = schedule_once(now=at)
        assert first >= 2
        assert schedule_once(now=at) == 0
        assert schedule_once(now=at + timedelta(days=400)) == first

    def test_published_messages_are_forgotten_after_a_week(self, heard: list):
        old, fresh = publish(registered()), publish(registered())
        waiting = publish(registered())
        relay()
        OutboxMessage.objects.filter(message_id=old).update(published_at=now() - timedelta(days=8))
        OutboxMessage.objects.filter(message_id=waiting).update(published_at=None)
        InboxEntry.objects.create(message_id=old, handler="x")
        InboxEntry.objects.update(done_at=now() - timedelta(days=36))
        InboxEntry.objects.create(message_id=fresh, handler="x")
        assert housekeeping.forget_published(now=now()) == 2
        assert set(OutboxMessage.objects.values_list("message_id", flat=True)) == {fresh, waiting}
