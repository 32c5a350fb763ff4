"""An envelope on the wire: what Celery reads, what comes back, and what is refused."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import amqp
import orjson
import pytest
from celery import Celery
from celery.worker.request import Request
from kombu.transport.pyamqp import Message

from learninghub.broker.wire import LARGEST, TASK, BadMessage, Packed, pack, unpack
from learninghub.outbox.envelope import Envelope, Unsendable

TRACE = {"request_id": "r-1", "traceparent": f"00-{'a' * 32}-{'b' * 16}-00"}


def envelope(**changes: Any) -> Envelope:
    return Envelope(
        **{
            "message_id": UUID(int=7),
            "kind": "fact",
            "name": "users.user_registered.v1",
            "target": "courses.listen",
            "queue": "courses",
            "payload": {"display_name": "Ada"},
            "headers": TRACE,
            "available_at": datetime(2026, 1, 2, tzinfo=UTC),
            "attempts": 3,
        }
        | changes
    )


def payload(packed: Packed) -> Any:
    return orjson.loads(packed.body)[0][0]


def test_what_is_packed_comes_back():
    assert unpack(payload(pack(envelope()))) == envelope()


def test_it_is_persistent_and_named_after_the_fact():
    properties = pack(envelope()).properties
    assert (properties["delivery_mode"], properties["message_id"]) == (2, str(UUID(int=7)))


def test_two_who_hear_one_fact_are_two_tasks():
    one, other = (pack(envelope(target=target)).headers["id"] for target in ("courses.listen", "reviews.listen"))
    assert one != other
    assert one == pack(envelope()).headers["id"]


def test_the_trace_goes_along_in_the_headers():
    headers = pack(envelope()).headers
    assert {name: headers[name] for name in TRACE} == TRACE


def test_celery_makes_a_request_of_it_that_logs_no_payload():
    app = Celery("test", set_as_current=False, broker="memory://")

    @app.task(name=TASK)
    def receive(payload: Any) -> None: ...

    packed = pack(envelope())
    raw = amqp.Message(packed.body, application_headers=packed.headers, **packed.properties)
    raw.delivery_info = {"delivery_tag": 1, "routing_key": "courses", "exchange": "learninghub", "redelivered": False}
    raw.channel = None
    request = Request(Message(raw), app=app, task=receive)
    args, kwargs, embed = request._payload
    assert (request.task_name, request.time_limits, kwargs, embed) == (TASK, (None, None), {}, {})
    assert unpack(*args) == envelope()
    assert "Ada" not in request.humaninfo() + repr(request.info(safe=True))


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": 2},
        {"kind": "wish"},
        {"message_id": "no uuid"},
        {"message_id": 7},
        {"target": None},
        {"payload": ["a list"]},
        {"available_at": "tomorrow"},
        {"attempts": "often"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_does_not_fit_is_a_bad_message(changes: dict[str, Any]):
    with pytest.raises(BadMessage):
        unpack(payload(pack(envelope())) | changes)


@pytest.mark.parametrize("strange", [None, [], "text", {}])
def test_what_is_no_envelope_at_all_is_a_bad_message(strange: Any):
    with pytest.raises(BadMessage):
        unpack(strange)


def test_a_field_that_is_not_known_is_passed_over():
    assert unpack(payload(pack(envelope())) | {"colour": "blue"}) == envelope()


def test_what_is_too_big_or_not_plain_is_not_sent():
    with pytest.raises(Unsendable, match=f"more than {LARGEST}"):
        pack(envelope(payload={"essay": "x" * LARGEST}))
    with pytest.raises(Unsendable, match="listen"):
        pack(envelope(payload={"essay": object()}))
