"""Envelopes to a real RabbitMQ: what counts as confirmed, and that nothing waits for ever."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import amqp
import pytest
from amqp.exceptions import PreconditionFailed
from kombu import Queue

from learninghub.broker import connecting, topology
from learninghub.broker.backoff import Backoff
from learninghub.broker.confirms import ConfirmedChannel
from learninghub.broker.transport import AmqpTransport
from learninghub.broker.wire import pack
from learninghub.clock import now
from learninghub.db import uuid7
from learninghub.outbox.envelope import Envelope
from tests.support.instances import Rabbit
from tests.support.instances.server import until

SOON = 0.4  # seconds: what a test waits for where nothing will come


@pytest.fixture(scope="module")
def url(rabbit: Rabbit) -> str:
    url = rabbit.vhost("broker-tests")
    with line(url) as connection:
        topology.declare(connection)
    return url


@contextmanager
def line(url: str) -> Iterator[Any]:
    connection = connecting.connect(url)
    try:
        yield connection
    finally:
        connecting.say_goodbye(connection)


@pytest.fixture
def channel(url: str) -> Iterator[Any]:
    """Beside what is tested: looks into the queues, which are empty before each test."""
    with line(url) as connection:
        channel = connection.channel()
        for name in ("users", "mail"):
            channel.queue_purge(name)
        yield channel


@pytest.fixture
def full(channel: Any) -> Iterator[str]:
    """A queue that refuses everything."""
    arguments = {"x-max-length": 1, "x-overflow": "reject-publish"}
    queue = Queue("full", topology.EXCHANGE, routing_key="full", queue_arguments=arguments)(channel)
    queue.declare()
    channel.basic_publish(amqp.Message("the first and last"), exchange="", routing_key="full")
    until(lambda: length(channel, "full") == 1, "not full")
    yield "full"
    queue.delete()


@pytest.fixture
def transport(url: str) -> Iterator[AmqpTransport]:
    transport = impatient(url)
    yield transport
    transport.close()


def impatient(url: str, **more: Any) -> AmqpTransport:
    """A transport that tries again at once."""
    return AmqpTransport(url, backoff=Backoff(jitter=lambda _least, _most: 0.0), **more)


def envelope(queue: str = "users") -> Envelope:
    return Envelope(
        message_id=uuid7(), kind="fact", name="users.user_registered.v1", target=f"{queue}.listen", queue=queue,
        payload={"display_name": "Ada"}, headers={"request_id": "r-1"}, available_at=now(),
    )  # fmt: skip


def length(channel: Any, queue: str) -> int:
    return int(channel.queue_declare(queue, passive=True).message_count)


def taken(channel: Any, queue: str) -> list[amqp.Message]:
    return list(iter(lambda: channel.basic_get(queue, no_ack=True), None))


class TestTopology:
    def test_what_stands_is_left_as_it_is(self, url: str):
        with line(url) as connection:
            topology.declare(connection)
            topology.declare(connection)

    def test_what_stands_in_another_way_is_named(self, url: str, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(topology, "DELIVERY_LIMIT", 7)
        with line(url) as connection, pytest.raises(topology.TopologyDiffers, match=r"default: .*x-delivery-limit"):
            topology.declare(connection)

    def test_dead_letters_arrive_in_the_queue_beside(self, url: str, channel: Any, transport: AmqpTransport):
        sent = envelope()
        transport.send([sent])
        message = channel.basic_get("users")
        channel.basic_reject(message.delivery_tag, requeue=False)
        until(lambda: length(channel, "users.dead") == 1, "no dead letter")
        (dead,) = taken(channel, "users.dead")
        assert dead.properties["message_id"] == str(sent.message_id)
        assert dead.properties["application_headers"]["x-death"][0]["reason"] == "rejected"


class TestConfirmed:
    def test_what_is_sent_lies_in_its_queue_for_good_and_in_order(self, channel: Any, transport: AmqpTransport):
        sent = [envelope() for _ in range(120)]
        assert transport.send(sent) == {one.message_id for one in sent}
        messages = taken(channel, "users")
        assert [message.properties["message_id"] for message in messages] == [str(one.message_id) for one in sent]
        assert {message.properties["delivery_mode"] for message in messages} == {2}
        assert bytes(messages[0].body, "utf-8") == pack(sent[0]).body

    def test_nothing_to_send_needs_no_broker(self):
        transport = impatient("amqp://guest:guest@127.0.0.1:1//")
        assert (transport.send([]), transport.rest()) == (set(), 0)

    def test_what_no_queue_takes_is_not_confirmed(self, channel: Any, transport: AmqpTransport):
        lost, kept = envelope("nowhere"), envelope()
        assert transport.send([lost, kept]) == {kept.message_id}
        assert length(channel, "users") == 1

    def test_a_deleted_queue_is_declared_again(self, channel: Any, transport: AmqpTransport):
        sent = [envelope("mail")]
        transport.send([envelope()])
        channel.queue_delete("mail")
        assert transport.send(sent) == set()
        assert transport.send(sent) == {sent[0].message_id}
        assert length(channel, "mail") == 1

    def test_what_a_full_queue_refuses_is_not_confirmed(self, full: str, channel: Any, transport: AmqpTransport):
        refused, kept = envelope(full), [envelope() for _ in range(3)]
        assert transport.send([kept[0], refused, *kept[1:]]) == {one.message_id for one in kept}
        assert (length(channel, full), length(channel, "users")) == (1, 3)

    def test_a_fact_is_confirmed_when_all_who_hear_it_have_it(self, full: str, transport: AmqpTransport):
        one = envelope()
        for_another = Envelope(**{name: getattr(one, name) for name in one.__slots__} | {"queue": full, "target": "x"})
        assert transport.send([one, for_another]) == set()


class TestLateAcks:
    """A late ack of one message must not confirm the next (celery/py-amqp: any ack is taken for the awaited one)."""

    def test_pyamqp_takes_the_late_ack_of_one_for_another(self, full: str, rabbit: Rabbit, url: str, channel: Any):
        """The control: the broker refuses the second message, and py-amqp reports that it was confirmed."""
        with line(url) as connection:
            ours = connection.channel()
            ours.confirm_select()
            ours._confirm_selected = True
            self.publish_twice(
                rabbit,
                # To nowhere: the broker acks it at once, well before a queue has refused the second.
                first=lambda: ours.basic_publish_confirm(
                    amqp.Message("1"), exchange="learninghub", routing_key="nowhere", confirm_timeout=SOON
                ),
                second=lambda: ours.basic_publish_confirm(
                    amqp.Message("2"), exchange="learninghub", routing_key=full, confirm_timeout=20
                ),
            )
        assert length(channel, full) == 1

    def test_a_late_ack_confirms_its_own_message_alone(self, full: str, rabbit: Rabbit, url: str, channel: Any):
        first, second = pack(envelope()), pack(envelope())
        with line(url) as connection:
            ours = ConfirmedChannel(connection)

            def publish(packed: Any, key: str, seconds: float) -> None:
                end = time.monotonic() + seconds
                ours.publish(packed, routing_key=key, until=end)
                ours.wait(until=end)

            self.publish_twice(
                rabbit, first=lambda: publish(first, "users", SOON), second=lambda: publish(second, full, 20)
            )
            assert ours.confirmed == {first.properties["correlation_id"]}
            assert ours.nacked == {second.properties["correlation_id"]}

    @staticmethod
    def publish_twice(rabbit: Rabbit, *, first: Any, second: Any) -> None:
        rabbit.freeze()
        thaw = threading.Timer(SOON, rabbit.thaw)
        try:
            with pytest.raises(TimeoutError):
                first()
            thaw.start()
            second()
        finally:
            rabbit.thaw()
            thaw.cancel()
            thaw.join()


class TestTrouble:
    def test_under_an_alarm_nothing_is_confirmed_and_nobody_hangs(self, rabbit: Rabbit, url: str, channel: Any):
        transport = impatient(url)
        transport.send([envelope()])
        rabbit.raise_alarm()
        try:
            began = time.monotonic()
            assert transport.send([envelope() for _ in range(50)]) == set()
            assert transport.send([envelope() for _ in range(50)]) == set()
            assert time.monotonic() - began < 2 * connecting.ANSWER_TIMEOUT_S
        finally:
            rabbit.clear_alarm()
        sent = [envelope() for _ in range(50)]
        assert len(transport.send(sent)) == 50
        transport.close()

    def test_after_a_deadline_the_connection_is_given_up(self, rabbit: Rabbit, url: str, channel: Any):
        transport = impatient(url, deadline_s=SOON)
        transport.send([envelope()])
        first = transport._connection
        rabbit.freeze()
        try:
            assert transport.send([envelope()]) == set()
        finally:
            rabbit.thaw()
        assert transport._connection is None
        assert first.connected is None
        sent = envelope()
        patient = impatient(url)
        assert patient.send([sent]) == {sent.message_id}
        patient.close()

    def test_a_connection_that_the_broker_closed_is_made_anew(self, rabbit: Rabbit, url: str, transport: AmqpTransport):
        transport.send([envelope()])
        rabbit.close_connections()
        until(lambda: transport.keep_alive() or transport._connection is None, "did not notice")
        assert len(transport.send([envelope()])) == 1

    def test_with_the_broker_away_attempts_become_rare(self):
        clock = [100.0]
        backoff = Backoff(clock=lambda: clock[0], jitter=lambda _, most: most)
        transport = AmqpTransport("amqp://guest:guest@127.0.0.1:1//", backoff=backoff)
        rests = []
        for _ in range(9):
            assert transport.send([envelope()]) == set()
            rests.append(transport.rest())
            assert (transport.send([envelope()]), transport.rest()) == (set(), rests[-1])
            clock[0] += rests[-1]
        assert rests == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]

    def test_the_pause_is_a_random_part_of_the_longest(self):
        asked = []
        backoff = Backoff(jitter=lambda least, most: asked.append((least, most)) or 0.0)
        backoff.failed()
        backoff.failed()
        assert asked == [(0.0, 0.5), (0.0, 1.0)]

    def test_another_broker_s_refusal_is_no_crash(self, url: str, channel: Any, monkeypatch: pytest.MonkeyPatch):
        """Two releases that declare one queue differently: nothing leaves, everything stays in the outbox."""
        monkeypatch.setattr(topology, "DELIVERY_LIMIT", 7)
        transport = impatient(url)
        assert transport.send([envelope()]) == set()
        assert transport._connection is None
        with pytest.raises(PreconditionFailed):
            topology.queue("users")(channel).declare()
