"""What a process tells of itself."""

import socket
import threading
import urllib.error
import urllib.request
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import transaction

from learninghub import jobs, metrics, shape
from learninghub.clock import now
from learninghub.db import uuid7
from learninghub.metrics import definitions, measuring
from learninghub.outbox.delivery import receive
from learninghub.outbox.envelope import Envelope
from learninghub.outbox.models import OutboxMessage, QueuedMessage
from learninghub.registry import BY_NAME, SERVICES
from scripts import metrics_table
from tests.support.http import Client


def figure(name: str, **labels: str) -> float | None:
    return definitions.REGISTRY.get_sample_value(f"learninghub_{name}", labels)


def fetch(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


class TestRequests:
    def test_are_counted_by_template_method_and_class(self, client: Client):
        labels = {"method": "GET", "route": "api/v1/courses/<uuid:course_id>/", "status": "4xx"}
        before = figure("requests_total", **labels) or 0
        client.get(f"courses/{uuid7()}/")
        client.get(f"courses/{uuid7()}/")
        assert figure("requests_total", **labels) == before + 2
        assert figure("request_seconds_count", method="GET", route=labels["route"]) >= 2
        assert figure("problems_total", code="course_not_found", status="404") >= 2

    def test_nothing_that_anybody_may_say_becomes_a_label(self, client: Client):
        client.request("PROPFIND", "/canary-path/")
        client.get("/canary-path/")
        page = metrics.page().decode()
        assert "canary" not in page
        assert "PROPFIND" not in page
        assert figure("requests_total", method="-", route="-", status="4xx") >= 1

    def test_a_pod_tells_them_on_its_own_port_to_whoever_asks(self, service: Client, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(shape._Shape, "service", BY_NAME["course-service"])
        answer = service.get("/metrics", headers={"Host": "10.1.2.3:3003"})
        assert answer.status == 200
        assert "learninghub_requests_total" in answer.text

    def test_the_world_cannot_read_them(self, client: Client):
        assert client.get("/metrics").status == 404
        assert [path for service in SERVICES for path in service.paths if "/metrics".startswith(path.rstrip("/"))] == []


class TestTheListener:
    def test_tells_metrics_and_health(self):
        is_well = threading.Event()
        with metrics.listen(port=free_port(), host="127.0.0.1", is_alive=is_well.is_set) as port:
            assert fetch(port, "/healthz") == (503, '{"status":"stuck"}')
            is_well.set()
            assert fetch(port, "/healthz") == (200, '{"status":"alive"}')
            assert fetch(port, "/else")[0] == 404
            status, page = fetch(port, "/metrics")
        assert status == 200
        assert "learninghub_process_resident_memory_bytes" in page

    def test_port_0_listens_nowhere(self):
        with metrics.listen(port=0) as port:
            assert port == 0
            assert not [thread for thread in threading.enumerate() if thread.name == "metrics"]


def free_port() -> int:
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        return finder.getsockname()[1]


class TestWhatIsMeasured:
    def test_is_the_state_of_the_tables(self, db):
        with transaction.atomic():
            jobs.enqueue("learninghub.forget_claims", now())
            jobs.enqueue("learninghub.forget_claims", now())
            jobs.enqueue("learninghub.forget_claims", now(), delay=timedelta(hours=1))
        first, second, _ = OutboxMessage.objects.order_by("id")
        OutboxMessage.objects.filter(id=first.id).update(available_at=now() - timedelta(seconds=90))
        OutboxMessage.objects.filter(id=second.id).update(parked_at=now())
        row = {"kind": "job", "name": "x", "queue": "mail", "payload": {}, "headers": {}}
        for state in ({"available_at": now() - timedelta(seconds=30)}, {"available_at": now() + timedelta(hours=1)}):
            QueuedMessage.objects.create(message_id=uuid7(), target="x", **row, **state)
        QueuedMessage.objects.create(message_id=uuid7(), target="x", **row, available_at=now(), dead_at=now())
        measuring.measure_once()
        latest = {definition.name: rows for definition, rows in measuring._latest.items()}
        assert latest["learninghub_outbox_depth"] == [(1,)]
        assert 90 <= latest["learninghub_outbox_lag_seconds"][0][0] < 100
        assert latest["learninghub_outbox_parked"] == [(1,)]
        assert latest["learninghub_queue_depth"] == [("mail", 1)]
        assert 30 <= latest["learninghub_queue_oldest_seconds"][0][1] < 40
        assert latest["learninghub_queue_waiting"] == [("mail", 1)]
        assert latest["learninghub_dead_letters"] == [("mail", 1)]
        assert latest["learninghub_mails_unknown"] == [(0,)]

    def test_is_on_the_page_of_the_relay_alone(self):
        assert "learninghub_outbox_depth" not in metrics.page().decode()


def test_the_runbook_has_every_metric():
    assert metrics_table.PLACE.read_text() == metrics_table.table()


def test_jobs_are_counted_by_outcome(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "_jobs", {})
    ends = {"users.well": None, "users.waits": jobs.Later("soon", wait=timedelta(1)), "users.breaks": ValueError()}

    def make(name: str) -> None:
        @jobs.job(name, queue="users")
        def run() -> None:
            if ends[name]:
                raise ends[name]

    for name, error in ends.items():
        make(name)
        envelope = Envelope(
            message_id=uuid7(),
            kind="job",
            name=name,
            target=name,
            queue="users",
            payload={},
            headers={},
            available_at=now(),
        )
        with nullcontext() if error is None else pytest.raises(type(error)):
            receive(envelope)
    outcomes = [("users.well", "done"), ("users.waits", "later"), ("users.breaks", "failed")]
    assert [figure("received_total", target=name, outcome=outcome) for name, outcome in outcomes] == [1, 1, 1]
    assert [figure("received_seconds_count", target=name) for name in ends] == [1, 1, 1]
