"""Limits counted in the database."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet

from learninghub import limits
from learninghub.errors import TooMany
from learninghub.limits.models import LimitedUse

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
THREE = limits.Limit(name="kernel.test", uses=3, window=timedelta(minutes=1))


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def test_so_many_uses_pass_and_the_next_is_told_how_long_to_wait():
    assert [limits.claim(THREE, "ada", now=at(second)) for second in (0, 10, 20)] == [0, 1, 2]

    with pytest.raises(TooMany) as refused:
        limits.claim(THREE, "ada", now=at(30.5))

    assert refused.value.retry_after == 30
    assert limits.claim(THREE, "ada", now=at(60)) == 2
    with pytest.raises(TooMany):
        limits.claim(THREE, "ada", now=at(61))


def test_each_key_and_each_limit_counts_for_itself():
    other = limits.Limit(name="kernel.other", uses=3, window=timedelta(minutes=1))
    limits.claim(THREE, "ada", "here", now=NOON)

    assert limits.claim(THREE, "ada", now=NOON) == 0
    assert limits.claim(THREE, "adahere", now=NOON) == 0
    assert limits.claim(other, "ada", "here", now=NOON) == 0


def test_a_use_given_back_does_not_count():
    for _ in range(10):
        limits.claim(THREE, "ada", now=NOON)
        limits.give_back(THREE, "ada", now=NOON)

    assert limits.claim(THREE, "ada", now=NOON) == 0


def test_what_was_never_claimed_cannot_be_given_back():
    limits.claim(THREE, "ada", now=NOON)

    limits.give_back(THREE, "ada", now=at(1))
    limits.give_back(THREE, "eve", now=NOON)

    assert limits.claim(THREE, "ada", now=at(2)) == 1


def test_no_word_of_the_key_is_kept_and_old_rows_go():
    limits.claim(THREE, "ada@example.org", now=NOON)

    assert "ada" not in str(list(LimitedUse.objects.values()))
    assert limits.forget_claims(now=at(60)) == 0
    assert limits.forget_claims(now=at(61)) == 1


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("unix socket", "unix socket"),
    ],
)
def test_a_place_is_an_address_or_what_one_customer_holds(address: str, place: str):
    assert limits.place_of(address) == place


@pytest.mark.django_db(transaction=True)
def test_claims_at_once_are_counted_one_by_one(race: Callable[..., list]):
    outcomes = race(lambda _: limits.claim(THREE, "ada", now=NOON), 6)

    assert sorted(outcome for outcome in outcomes if isinstance(outcome, int)) == [0, 1, 2]
    assert sum(isinstance(outcome, TooMany) for outcome in outcomes) == 3


@pytest.mark.django_db(transaction=True)
def test_without_the_rows_lock_claims_at_once_all_slip_through(race: Callable[..., list], monkeypatch: Any):
    limits.claim(THREE, "ada", now=at(-120))
    all_have_read = threading.Barrier(6)
    read = QuerySet.get

    def read_together(rows: QuerySet, *given: Any, **named: Any) -> Any:
        found = read(rows, *given, **named)
        all_have_read.wait(10)
        return found

    monkeypatch.setattr(QuerySet, "bulk_create", lambda *_, **__: [])
    monkeypatch.setattr(QuerySet, "get", read_together)

    assert race(lambda _: limits.claim(THREE, "ada", now=NOON), 6) == [0] * 6
