"""Every metric of the table is set by code that runs: each row's way to happen, and what it then shows."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from apps.gateway.dataplane.limits import Rate
from apps.gateway.dataplane.shared_limits import SharedLimiter
from learninghub import breaker, jobs, metrics
from learninghub.broker import receiving
from learninghub.clock import now
from learninghub.db import repeated, replica, uuid7
from learninghub.metrics import definitions, measuring, pools
from learninghub.outbox import waiting
from learninghub.outbox.envelope import Envelope, Unsendable
from learninghub.outbox.local_queue import LocalQueue, work_once
from learninghub.outbox.models import QueuedMessage
from learninghub.outbox.relay import relay_once
from learninghub.outbox.retrying import MAX_ATTEMPTS
from learninghub.outbox.schedule import schedule_once
from tests.support.http import Client

NOBODY = "redis://127.0.0.1:1/0"


def shown(name: str, **labels: str) -> float | None:
    return definitions.REGISTRY.get_sample_value(f"learninghub_{name}", labels)


def total(name: str) -> float:
    """All that a counter or histogram has counted so far, under whatever labels."""
    families = (family for family in definitions.REGISTRY.collect() if name.startswith(family.name))
    return sum(
        sample.value for family in families for sample in family.samples if sample.name in {name, f"{name}_count"}
    )


def ask_for_nothing(client: Client) -> None:
    client.get(f"courses/{uuid7()}/")


def ask_with_a_bad_token(client: Client) -> None:
    Client(client.application, token="bad").get("users/me/")


def clash() -> None:
    tries: list[int] = []

    def write() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError from type("Clash", (Exception,), {"sqlstate": "40P01"})()

    repeated(write, sleep=lambda _: None)


def look_for_a_replica() -> None:
    with pytest.MonkeyPatch.context() as patch, replica.reading_for(uuid7()):
        patch.setattr("django.conf.settings.REPLICA_URLS", ["one"])
        patch.setattr(replica, "_watches", [replica.Watch("never-measured")])
        replica.replica_ok(lambda: None)()


def read_something_kept(client: Client) -> None:
    client.get("courses/")


def relay_and_do_a_job(_: Client) -> None:
    with transaction.atomic():
        jobs.enqueue("learninghub.forget_claims", now())
    relay_once(transport=LocalQueue(), now=now())
    while work_once(clock=now):
        pass


def keep_a_schedule(_: Client) -> None:
    schedule_once(now=now() + timedelta(days=365))


COUNTED: dict[str, Callable[[Client], None]] = {
    "requests_total": ask_for_nothing,
    "request_seconds": ask_for_nothing,
    "problems_total": ask_for_nothing,
    "refusals_total": ask_with_a_bad_token,
    "cache_reads_total": read_something_kept,
    "relayed_total": relay_and_do_a_job,
    "received_total": relay_and_do_a_job,
    "received_seconds": relay_and_do_a_job,
    "waited_seconds": relay_and_do_a_job,
    "scheduled_total": keep_a_schedule,
}


@pytest.mark.parametrize("name", COUNTED)
def test_is_counted_where_it_happens(client: Client, name: str):
    before = total(f"learninghub_{name}")
    COUNTED[name](client)
    assert total(f"learninghub_{name}") > before


OUTSIDE_A_TRANSACTION = {"database_repeats_total": clash, "replica_reads_total": look_for_a_replica}


@pytest.mark.parametrize("name", OUTSIDE_A_TRANSACTION)
def test_is_counted_where_no_transaction_runs(name: str):
    before = total(f"learninghub_{name}")
    OUTSIDE_A_TRANSACTION[name]()
    assert total(f"learninghub_{name}") > before


def break_down() -> tuple[str, dict[str, str], float]:
    calls = breaker.Breaker("walked")
    for _ in range(breaker.FEWEST_CALLS):
        calls.allow().failed()
    return "breaker_open", {"breaker": "walked"}, 1.0


def measure_no_replica() -> tuple[str, dict[str, str], float]:
    watch = replica.Watch("walked")
    with replica._connect("default") as primary:
        watch.measure(primary, primary)
    return "replica_lag_seconds", {"replica": "walked"}, float("inf")


def limit_without_redis() -> tuple[str, dict[str, str], float]:
    async def wait() -> None:
        limiter = SharedLimiter(NOBODY, Rate(per_minute=60, burst=60), deadline=0.25)
        await limiter.wait("somebody", at=0.0)
        await limiter.close()

    asyncio.run(wait())
    return "limits_alone", {}, 1.0


GAUGES = {"breaker_open": break_down, "replica_lag_seconds": measure_no_replica, "limits_alone": limit_without_redis}


@pytest.mark.parametrize("name", GAUGES)
def test_is_set_as_it_changes(db: None, name: str):
    told, labels, value = GAUGES[name]()
    assert told == name
    assert shown(name, **labels) == value
    metrics.LIMITS_ALONE.set(0)


POOLS = {f"database_pool_{name}" for name in ("connections", "max", "waiting", "timeouts_total", "lost_total")}


def test_pools_are_on_every_page(db: None):
    connection.ensure_connection()
    assert {name for name in POOLS if f"learninghub_{name}{{" in metrics.page().decode()} == POOLS
    assert pools.open_pools()


def test_the_relay_measures_all_the_rest(db: None):
    measuring._latest.clear()
    measuring.measure_once()
    measured = {definition.name.removeprefix("learninghub_") for definition in measuring._latest}
    table = {definition.name.removeprefix("learninghub_") for definition in metrics.DEFINITIONS}
    assert table - COUNTED.keys() - OUTSIDE_A_TRANSACTION.keys() - GAUGES.keys() - POOLS == measured


class TestAMessageThatIsGivenUp:
    """It is counted as dead once, in whichever shape."""

    @pytest.fixture
    def envelope(self, db: None) -> Envelope:
        name = f"users.broken_{uuid7().hex}"
        return Envelope(
            message_id=uuid7(), kind="job", name=name, target=name, queue="users",
            payload={}, headers={}, available_at=now(), attempts=MAX_ATTEMPTS,
        )  # fmt: skip

    def dead(self, envelope: Envelope) -> float | None:
        return shown("received_total", target=envelope.target, outcome="dead")

    def test_by_the_one_process(self, envelope: Envelope):
        LocalQueue().send([envelope])
        assert work_once(clock=now)
        assert self.dead(envelope) == 1

    def test_by_a_worker(self, envelope: Envelope):
        with pytest.raises(receiving.Reject):
            receiving._put_off(envelope, ValueError())
        assert self.dead(envelope) == 1

    def test_by_the_relay_that_cannot_send_it_again(self, envelope: Envelope):
        class Refuses:
            def send(self, envelopes: list[Envelope]) -> set:
                raise Unsendable(envelopes[0].message_id, "too big")

        LocalQueue().send([envelope])
        assert waiting.relay_waiting(transport=Refuses(), now=now()) == 0
        assert QueuedMessage.objects.get().dead_at is not None
        assert self.dead(envelope) == 1
