"""What is declared in RabbitMQ: the portable subset alone, in a manner that 4.3 takes too (the broker contract)."""

from contextlib import contextmanager
from typing import Any

from kombu.transport.base import to_rabbitmq_queue_arguments

from learninghub.broker import topology
from learninghub.registry import QUEUES

PORTABLE = {
    "x-queue-type",
    "x-delivery-limit",
    "x-dead-letter-exchange",
    "x-dead-letter-strategy",
    "x-overflow",
    "x-max-length",
}


class Strict:
    """A broker's channel that writes down what is declared and refuses what RabbitMQ 4.3 refuses."""

    def __init__(self) -> None:
        self.queues: dict[str, dict[str, Any]] = {}
        self.exchanges: dict[str, str] = {}
        self.bindings: list[tuple[str, str, str]] = []

    @contextmanager
    def channel(self):
        yield self

    prepare_queue_arguments = staticmethod(to_rabbitmq_queue_arguments)

    def exchange_declare(self, *, exchange: str, durable: bool, **more: Any) -> None:
        assert durable
        self.exchanges[exchange] = more["type"]

    def queue_declare(self, *, queue: str, durable: bool, exclusive: bool, arguments: dict, **_: Any) -> tuple:
        assert durable or exclusive, "4.3: transient non-exclusive queue"
        self.queues[queue] = arguments
        return queue, 0, 0

    def queue_bind(self, *, queue: str, exchange: str, routing_key: str, **_: Any) -> None:
        self.bindings.append((exchange, routing_key, queue))

    def basic_qos(self, _size: int, _count: int, a_global: bool) -> None:
        assert not a_global, "4.3: global QoS"


def declared() -> Strict:
    strict = Strict()
    topology.declare(strict)
    return strict


def test_every_queue_of_the_registry_has_one_for_its_dead_letters():
    assert sorted(declared().queues) == sorted([*QUEUES, *(f"{name}.dead" for name in QUEUES)])


def test_only_portable_arguments_are_used_and_each_is_given():
    queues = declared().queues
    assert {argument for arguments in queues.values() for argument in arguments} == PORTABLE
    assert {frozenset(queues[name]) for name in QUEUES} == {frozenset(PORTABLE)}
    assert {arguments["x-queue-type"] for arguments in queues.values()} == {"quorum"}


def test_a_work_queue_gives_up_after_five_and_refuses_when_full():
    assert declared().queues["mail"] == {
        "x-queue-type": "quorum",
        "x-delivery-limit": 5,
        "x-dead-letter-exchange": "learninghub.dead",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
        "x-max-length": 1_000_000,
    }


def test_dead_letters_have_no_end_of_their_own():
    arguments = declared().queues["mail.dead"]
    assert arguments == {"x-queue-type": "quorum", "x-delivery-limit": 1_000_000, "x-overflow": "reject-publish"}


def test_a_letter_goes_by_its_queue_s_name_dead_or_alive():
    strict = declared()
    assert strict.exchanges == {"learninghub": "topic", "learninghub.dead": "topic"}
    assert [binding for binding in strict.bindings if binding[1] == "mail"] == [
        ("learninghub.dead", "mail", "mail.dead"),
        ("learninghub", "mail", "mail"),
    ]
    assert len(strict.bindings) == 2 * len(QUEUES)
