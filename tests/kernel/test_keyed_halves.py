"""Keyed writes that call a third party: claimed before, answered after, and run again where their process died."""

from datetime import timedelta

import pytest
from django.conf import settings

from learninghub.audit.models import AuditEntry
from learninghub.clock import now
from learninghub.db import uuid7
from learninghub.http.idempotency.models import StoredAnswer
from learninghub.http.identity import HEADER, Caller, seal
from tests.support.http import Answer, Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kernel.urls")]


@pytest.fixture
def someone(service: Client) -> Client:
    caller = Caller(id=uuid7(), roles=frozenset({"student"}), session=uuid7())
    return Client(service.application, headers={HEADER: seal(caller, key=settings.CALLER_KEY, at=now().timestamp())})


def call(someone: Client, reason: str = "why") -> Answer:
    return someone.post("/abroad/", {"reason": reason}, headers={"Idempotency-Key": "k1"})


def calls() -> int:
    return AuditEntry.objects.filter(action="called").count()


def test_the_same_key_is_done_once_and_answered_alike(someone: Client) -> None:
    first, again = call(someone), call(someone)
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert calls() == 1


def test_another_body_under_the_key_is_refused(someone: Client) -> None:
    call(someone)
    answer = call(someone, "other")
    assert (answer.status, answer.json["code"], calls()) == (422, "idempotency_key_reused", 1)


def test_an_error_gives_the_key_back_and_keeps_what_was_committed(someone: Client) -> None:
    assert call(someone, "fail").status == 409
    assert (calls(), StoredAnswer.objects.count()) == (1, 0)
    assert call(someone).status == 201


def test_nobody_else_runs_it_meanwhile_and_the_claim_of_a_dead_process_ends(someone: Client) -> None:
    call(someone)
    StoredAnswer.objects.update(status=None, claimed_until=now() + timedelta(seconds=30))  # as if killed in between
    refused = call(someone)
    assert (refused.status, refused.json["code"], refused.headers["Retry-After"]) == (409, "request_in_progress", "1")
    assert calls() == 1
    StoredAnswer.objects.update(claimed_until=now())
    assert (call(someone).status, calls()) == (201, 2)
    assert (call(someone).status, calls()) == (201, 2)
