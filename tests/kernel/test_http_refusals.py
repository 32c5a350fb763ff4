"""What is refused before a view sees it, and what is nobody's fault."""

from types import SimpleNamespace

import psycopg
import pytest
from django.conf import LazySettings
from django.core.checks import Error
from django.db import OperationalError, connection, transaction
from django.urls import path

from learninghub.http import checks
from learninghub.http.identity import HEADER
from tests.kernel.test_http import header
from tests.support.database import address_of_the_test_database
from tests.support.http import Client

pytestmark = [pytest.mark.urls("tests.kernel.urls"), pytest.mark.django_db]


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "BODY", "DISPATCH", "PAGED"])
def test_a_method_that_the_route_does_not_have(service: Client, method: str):
    answer = service.request(method, "/notes/")
    assert (answer.status, answer.json["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("keyed", [{}, {"Idempotency-Key": "large"}], ids=["plain", "keyed"])
def test_a_body_that_is_too_large(service: Client, settings: LazySettings, keyed: dict[str, str]):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 50
    headers = {HEADER: header("student"), **keyed}
    fits = service.request("POST", "/notes/", body=b'{"reason": "why"}'.ljust(50), headers=headers)
    headers |= {"Idempotency-Key": "larger"} if keyed else {}
    answer = service.request("POST", "/notes/", body=b'{"reason": "why"}'.ljust(51), headers=headers)
    assert (fits.status, answer.status, answer.json["code"]) == (201, 413, "too_large")


def test_a_database_out_of_reach_is_told_as_such(service: Client, monkeypatch: pytest.MonkeyPatch):
    def gone(*_: object, **__: object) -> None:
        raise OperationalError("connection to server at 10.1.2.3 failed")

    monkeypatch.setattr("tests.kernel.urls.paginate", gone)
    answer = service.get("/notes/")
    assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (503, "unavailable", "5")
    assert b"10.1.2.3" not in answer.body


@pytest.mark.parametrize("limit", ["statement_timeout", "lock_timeout"])
def test_what_the_database_was_not_given_time_for_may_be_asked_for_again(
    service: Client, monkeypatch: pytest.MonkeyPatch, limit: str
):
    def wait(*_: object, **__: object) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"set local {limit} = 50")
            cursor.execute("select pg_advisory_xact_lock(%s)", [1])

    monkeypatch.setattr("tests.kernel.urls.paginate", wait)
    with psycopg.connect(address_of_the_test_database()) as other:
        other.execute("select pg_advisory_xact_lock(1)")
        answer = service.get("/notes/")
    assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (503, "unavailable", "5")


def test_a_view_that_can_name_no_rule_stops_the_start(monkeypatch: pytest.MonkeyPatch):
    stranger = path("api/v1/stranger/", lambda request: None)
    monkeypatch.setattr(checks, "get_resolver", lambda: SimpleNamespace(url_patterns=[stranger]))
    found = checks.every_operation_names_its_rule(None)
    assert found == [Error("/api/v1/stranger/: its view names no rules", id="learninghub.E002")]
