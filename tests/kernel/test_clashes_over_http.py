"""Two requests that PostgreSQL cannot both let go on: a real deadlock, and what their clients are answered."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response

from learninghub.db import repeating, uuid7
from learninghub.http.identity import HEADER, Caller, seal
from learninghub.http.permissions import SignedIn
from learninghub.http.views import View
from learninghub.limits.models import LimitedUse
from tests.support.http import Answer, Client

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db(transaction=True)]

meeting = threading.Barrier(2)
tries: Counter[str] = Counter()


class KeysIn(serializers.Serializer):
    keys = serializers.CharField()


class Crossing(View):
    """Takes two rows in the order it is told; at the first try it waits until another has taken its first as well."""

    rules = {"POST": SignedIn}

    def post(self, request: Any) -> Response:
        keys = self.body(KeysIn)["keys"]
        with transaction.atomic():
            add(keys[0])
            tries[keys] += 1
            if tries[keys] == 1:
                meeting.wait(20)
            return Response({"keys": keys, "claims": add(keys[1])}, status=201)


def add(key: str) -> int:
    row = LimitedUse.objects.select_for_update().get(key=key)
    row.claims.append(row.expires_at)
    row.save()
    return len(row.claims)


urlpatterns = [path("crossing/", Crossing.as_view())]
handler404 = "learninghub.http.problem.not_found"
handler500 = "learninghub.http.problem.server_error"


@pytest.fixture(autouse=True)
def _rows() -> None:
    tries.clear()
    meeting.reset()
    for key in "ab":
        LimitedUse.objects.create(key=key, claims=[], expires_at="2030-01-01T00:00Z")


def claims() -> list[int]:
    return [len(row.claims) for row in LimitedUse.objects.order_by("key")]


@pytest.fixture
def ask(django: Callable[..., Any]) -> Callable[..., Answer]:
    someone = seal(
        Caller(id=uuid7(), roles=frozenset({"student"}), session=uuid7()), key=settings.CALLER_KEY, at=time.time()
    )

    def post(keys: str, idempotency_key: str = "") -> Answer:
        headers = {HEADER: someone} | ({"Idempotency-Key": idempotency_key} if idempotency_key else {})
        return Client(django, headers=headers).post("/crossing/", {"keys": keys})

    return post


def test_both_are_done_once(ask: Callable, race: Callable):
    answers = race(lambda number: ask(("ab", "ba")[number]), 2)
    assert [answer.status for answer in answers] == [201, 201]
    assert sorted(answer.json["claims"] for answer in answers) == [1, 2]
    assert sorted(tries.values()) == [1, 2]
    assert claims() == [2, 2]


def test_with_a_key_they_are_answered_the_same_ever_after(ask: Callable, race: Callable):
    answers = race(lambda number: ask(("ab", "ba")[number], f"key-{number}"), 2)
    assert [answer.status for answer in answers] == [201, 201]
    again = [ask(keys, f"key-{number}") for number, keys in enumerate(("ab", "ba"))]
    assert [answer.body for answer in again] == [answer.body for answer in answers]
    assert claims() == [2, 2]


def test_what_clashes_each_time_is_asked_to_come_again(ask: Callable, race: Callable, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(repeating, "TRIES", 1)
    answers = sorted(race(lambda number: ask(("ab", "ba")[number]), 2), key=lambda answer: answer.status)
    assert [answer.status for answer in answers] == [201, 503]
    assert answers[1].headers["Retry-After"] == "5"
    assert {name: answers[1].json[name] for name in ("code", "status")} == {"code": "unavailable", "status": 503}
    assert "deadlock" not in answers[1].text
    assert claims() == [1, 1]
