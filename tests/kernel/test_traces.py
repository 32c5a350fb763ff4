"""One request id and one trace, from the request through its fact to the job it caused."""

from collections.abc import Callable

import pytest
from structlog.contextvars import get_contextvars

from learninghub.outbox.models import OutboxMessage
from tests.support.http import Client

pytestmark = pytest.mark.django_db

ADA = {"email": "ada@example.org", "password": "a long enough one", "display_name": "Ada", "terms_version": "2026-11"}
TRACE = {"X-Request-ID": "tour-17", "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
CARRIED = {"request_id": TRACE["X-Request-ID"], "traceparent": TRACE["traceparent"]}


def test_a_fact_and_the_job_it_leads_to_carry_the_requests_trace(client: Client, deliver_all: Callable[[], int]):
    assert client.post("auth/register/", ADA, headers=TRACE).status == 201
    deliver_all()
    messages = list(OutboxMessage.objects.order_by("id"))
    assert {message.kind for message in messages} == {"fact", "job"}
    assert [message.headers for message in messages] == [CARRIED] * len(messages)


def test_what_is_logged_while_a_job_runs_belongs_to_the_trace(
    client: Client, deliver_all: Callable[[], int], caplog: pytest.LogCaptureFixture
):
    client.post("auth/register/", ADA, headers=TRACE)
    deliver_all()
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    [done] = [line for line in lines if line["event"] == "mail.done"]
    assert {name: done[name] for name in CARRIED} == CARRIED
    assert "request_id" not in get_contextvars()
