"""Dead letters, as rows and in a real RabbitMQ: seen, replayed, discarded, and never lost by being looked at."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any
from uuid import UUID

import amqp
import pytest
from django.core.management import CommandError, call_command

from learninghub import audit
from learninghub.audit.models import AuditEntry
from learninghub.broker import connecting, topology
from learninghub.broker.transport import AmqpTransport
from learninghub.broker.wire import pack
from learninghub.clock import now
from learninghub.db import uuid7
from learninghub.outbox import waiting
from learninghub.outbox.envelope import Envelope
from learninghub.outbox.models import QueuedMessage
from tests.support.instances import Rabbit
from tests.support.instances.server import until

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def url(rabbit: Rabbit) -> str:
    return rabbit.vhost("dead-letters")


def envelope(queue: str = "mail", **changes: Any) -> Envelope:
    return Envelope(
        **{
            "message_id": uuid7(), "kind": "job", "name": "notifications.send", "target": "notifications.send",
            "queue": queue, "payload": {"mail_id": "m-1"}, "headers": {}, "available_at": now(), "attempts": 9,
        }
        | changes
    )  # fmt: skip


def dlq(*words: str) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("dlq", *words, "--json", stdout=out, stderr=StringIO())
    return [json.loads(line) for line in out.getvalue().splitlines()]


def ids(letters: list[dict[str, Any]]) -> list[str]:
    return [letter["id"] for letter in letters]


class TestRows:
    def bury(self, **changes: Any) -> UUID:
        buried = envelope(**changes)
        waiting.wait(buried, attempts=10, until=now(), error="ValueError('never')")
        QueuedMessage.objects.filter(message_id=buried.message_id).update(dead_at=now())
        return buried.message_id

    def test_the_list_says_what_why_and_how_often(self):
        dead = self.bury()
        waiting.wait(envelope(), attempts=1, until=now(), error="")
        (letter,) = dlq("list")
        died_at = letter.pop("died_at")
        assert letter == {
            "queue": "mail", "id": str(dead), "target": "notifications.send", "attempts": 10,
            "reason": "ValueError('never')",
        }  # fmt: skip
        assert died_at.startswith(str(now().year))

    def test_a_line_for_people_has_its_age(self):
        dead = self.bury()
        out = StringIO()
        call_command("dlq", "list", stdout=out)
        assert f"{dead} notifications.send" in out.getvalue()
        assert "0 min  ValueError('never')" in out.getvalue()

    def test_it_is_shown_with_its_content(self):
        self.bury()
        (letter,) = dlq("show")
        assert letter["content"]["payload"] == {"mail_id": "m-1"}

    def test_one_may_be_picked(self):
        mail, pdf = self.bury(), self.bury(queue="pdf")
        assert ids(dlq("list")) == [str(mail), str(pdf)]
        assert ids(dlq("list", "--queue", "pdf")) == [str(pdf)]
        assert ids(dlq("list", "--event-id", str(mail))) == [str(mail)]
        assert ids(dlq("list", "--limit", "1")) == [str(mail)]

    def test_a_replayed_one_is_due_with_all_its_tries(self):
        dead = self.bury()
        assert ids(dlq("replay", "--dry-run")) == [str(dead)]
        assert QueuedMessage.objects.filter(dead_at=None).count() == 0
        assert ids(dlq("replay")) == [str(dead)]
        row = QueuedMessage.objects.get()
        assert (row.dead_at, row.attempts, row.last_error) == (None, 0, "")
        assert row.available_at <= now()
        assert dlq("replay") == []

    def test_a_discarded_one_is_gone_and_the_log_says_why(self):
        dead, other = self.bury(), self.bury(queue="pdf")
        assert ids(dlq("discard", "--queue", "mail", "--reason", "sent by hand", "--dry-run")) == [str(dead)]
        assert AuditEntry.objects.count() == 0
        assert ids(dlq("discard", "--queue", "mail", "--reason", "sent by hand")) == [str(dead)]
        assert QueuedMessage.objects.get().message_id == other
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.subject_id, entry.reason) == ("dead_letters.discarded", dead, "sent by hand")
        assert audit.verify() is None

    def test_nothing_is_discarded_without_a_reason_or_a_choice(self):
        self.bury()
        with pytest.raises(CommandError, match="--reason"):
            dlq("discard", "--queue", "mail")
        with pytest.raises(CommandError, match="--queue or --event-id"):
            dlq("discard", "--reason", "all of them")
        assert QueuedMessage.objects.count() == 1


class TestQueues:
    @pytest.fixture
    def channel(self, url: str, settings: Any) -> Iterator[Any]:
        settings.AMQP_URL = url
        connection = connecting.connect(url)
        topology.declare(connection)
        channel = connection.channel()
        for name in ("mail", "mail.dead", "pdf.dead"):
            channel.queue_purge(name)
        yield channel
        connecting.say_goodbye(connection)

    @pytest.fixture
    def dead(self, url: str, channel: Any) -> Envelope:
        """A message that its worker gave up."""
        envelope_ = envelope()
        transport = AmqpTransport(url)
        transport.send([envelope_])
        transport.close()
        channel.basic_reject(channel.basic_get("mail").delivery_tag, requeue=False)
        self.wait_for(channel, "mail.dead", 1)
        return envelope_

    @staticmethod
    def wait_for(channel: Any, queue: str, count: int) -> None:
        until(lambda: channel.queue_declare(queue, passive=True).message_count == count, f"no {count} in {queue}")

    def test_looking_says_all_and_takes_nothing(self, channel: Any, dead: Envelope):
        for _ in range(8):  # more often than a queue of work would bear
            (letter,) = dlq("list")
        assert letter.pop("died_at").startswith(str(now().year))
        assert letter == {
            "queue": "mail", "id": str(dead.message_id), "target": "notifications.send", "attempts": 10,
            "reason": "rejected",
        }  # fmt: skip
        self.wait_for(channel, "mail.dead", 1)

    def test_a_replayed_one_is_in_its_queue_once(self, channel: Any, dead: Envelope):
        assert ids(dlq("replay", "--dry-run")) == ids(dlq("replay")) == [str(dead.message_id)]
        assert dlq("replay") == []
        self.wait_for(channel, "mail", 1)
        self.wait_for(channel, "mail.dead", 0)
        again = channel.basic_get("mail", no_ack=True)
        assert json.loads(again.body)[0][0]["attempts"] == 0

    def test_one_that_the_broker_does_not_take_stays(self, channel: Any, dead: Envelope, monkeypatch: Any):
        monkeypatch.setattr(AmqpTransport, "send", lambda *_: set())
        assert ids(dlq("replay")) == [str(dead.message_id)]
        self.wait_for(channel, "mail.dead", 1)

    @pytest.mark.parametrize(
        "body", [b"no JSON", b"\xff\x00", b"[]", pack(envelope()).body.replace(b'"schema":1', b'"schema":9')]
    )
    def test_a_stranger_is_seen_cannot_be_replayed_and_can_go(self, channel: Any, body: bytes):
        channel.basic_publish(amqp.Message(body), exchange="learninghub.dead", routing_key="mail")
        self.wait_for(channel, "mail.dead", 1)
        (letter,) = dlq("show")
        assert (letter["target"], letter["queue"]) == ("", "mail")
        assert letter["content"] == body.decode(errors="replace")
        dlq("replay")
        self.wait_for(channel, "mail.dead", 1)
        assert ids(dlq("discard", "--event-id", letter["id"], "--reason", "not ours")) == [letter["id"]]
        self.wait_for(channel, "mail.dead", 0)
        assert AuditEntry.objects.get().subject_id == UUID(letter["id"])
