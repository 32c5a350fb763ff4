"""Refresh tokens: turned once, shared for a moment, and a trap for thieves."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.auth.events import RefreshReused, SessionEnded
from apps.auth.models import RefreshToken, Session
from apps.users.models import User
from tests.support.http import Client
from tests.support.people import make_person

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def turn(client: Client, token: str) -> Any:
    return client.post("auth/token/refresh/", json={"refresh": token})


def test_a_refresh_token_gives_the_next_pair(client: Any, log_in: Any) -> None:
    first = log_in(make_person()).json

    answer = turn(client, first["refresh"])

    assert answer.status == 200
    assert sorted(answer.json) == ["access", "expires_in", "refresh"]
    assert answer.json["refresh"] != first["refresh"]
    client.token = answer.json["access"]
    assert client.get("users/me/").status == 200
    assert turn(client, answer.json["refresh"]).status == 200
    assert Session.objects.count() == 1


def test_no_token_is_kept_in_the_database(client: Any, log_in: Any) -> None:
    first = log_in(make_person()).json["refresh"]
    second = turn(client, first).json["refresh"]

    kept = str(list(RefreshToken.objects.values())) + str(list(Session.objects.values()))

    assert first not in kept
    assert second not in kept


@pytest.mark.parametrize("token", ["", "x" * 43, "x" * 600, "a\u0000b"])
def test_what_is_no_refresh_token_is_refused(client: Any, token: str) -> None:
    assert turn(client, token).status in {400, 401}


def test_an_access_token_does_not_refresh_and_a_refresh_token_gives_no_access(client: Any, log_in: Any) -> None:
    tokens = log_in(make_person()).json

    assert turn(client, tokens["access"]).status in {400, 401}
    client.token = tokens["refresh"]
    assert client.get("users/me/").status == 401


def test_shown_again_within_the_grace_it_gives_the_same_successor(client: Any, log_in: Any, published: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        token = log_in(make_person()).json["refresh"]
        first = turn(client, token)
        clock.shift(timedelta(seconds=20))
        again = turn(client, token)

        assert (first.status, again.status) == (200, 200)
        assert again.json["refresh"] == first.json["refresh"]
        assert turn(client, first.json["refresh"]).status == 200
        assert published(RefreshReused) == []


def test_shown_again_after_the_grace_it_ends_the_session_for_both(client: Any, log_in: Any, published: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        person = make_person()
        stolen = log_in(person).json["refresh"]
        thiefs = turn(client, stolen).json
        clock.shift(timedelta(seconds=21))

        owners = turn(client, stolen)

        session = Session.objects.get()
        assert (owners.status, owners.json["code"]) == (401, "refresh_invalid")
        assert session.end_reason == "refresh_reused"
        assert turn(client, thiefs["refresh"]).status == 401
        client.token = thiefs["access"]
        assert client.get("users/me/").status == 401
        assert [(fact.session_id, fact.user_id) for fact in published(RefreshReused)] == [(session.id, person.id)]
        assert [fact.reason for fact in published(SessionEnded)] == ["refresh_reused"]


def test_shown_again_when_its_successor_was_used_it_ends_the_session_even_in_the_grace(
    client: Any, log_in: Any
) -> None:
    with time_machine.travel(NOON, tick=False):
        stolen = log_in(make_person()).json["refresh"]
        second = turn(client, stolen).json["refresh"]
        assert turn(client, second).status == 200

        assert turn(client, stolen).status == 401
        assert Session.objects.get().end_reason == "refresh_reused"


def test_a_theft_is_told_once(client: Any, log_in: Any, published: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        stolen = log_in(make_person()).json["refresh"]
        turn(client, stolen)
        clock.shift(timedelta(minutes=1))

        assert [turn(client, stolen).status for _ in range(3)] == [401] * 3
        assert len(published(RefreshReused)) == 1
        assert len(published(SessionEnded)) == 1


def test_a_token_left_alone_for_thirty_days_is_dead(client: Any, log_in: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        token = log_in(make_person()).json["refresh"]
        clock.shift(timedelta(days=30))

        assert turn(client, token).status == 401


def test_a_session_lives_half_a_year_however_often_it_is_used(client: Any, log_in: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        token = log_in(make_person()).json["refresh"]
        for _ in range(8):
            clock.shift(timedelta(days=20))
            token = turn(client, token).json["refresh"]
        clock.shift(timedelta(days=20))

        assert turn(client, token).status == 401


def test_a_refused_exchange_does_not_use_the_token_up(client: Any, log_in: Any) -> None:
    person = make_person()
    token = log_in(person).json["refresh"]
    User.objects.filter(id=person.id).update(is_active=False)

    assert turn(client, token).status == 401
    assert RefreshToken.objects.get().consumed_at is None


def test_an_exchange_takes_a_fixed_number_of_statements(client: Any, log_in: Any, queries_of: Any) -> None:
    token = log_in(make_person()).json["refresh"]

    assert queries_of(lambda: turn(client, token)) == 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(10))
def test_of_ten_at_once_all_are_answered_and_the_family_has_one_successor(
    application: Any, log_in: Any, race: Any, published: Any, round_: int
) -> None:
    token = log_in(make_person()).json["refresh"]

    answers = race(lambda _: turn(Client(application), token), 10)

    assert [answer.status for answer in answers] == [200] * 10
    assert len({answer.json["refresh"] for answer in answers}) == 1
    assert RefreshToken.objects.count() == 2
    assert RefreshToken.objects.filter(consumed_at=None).count() == 1
    assert published(RefreshReused) == []


@pytest.mark.django_db(transaction=True)
def test_without_the_conditional_update_ten_at_once_would_break_it(
    application: Any, log_in: Any, race: Any, monkeypatch: Any
) -> None:
    def look_then_write(held: RefreshToken, *, salt: bytes, now: datetime) -> bool:
        if held.consumed_at is not None:
            return False
        time.sleep(0.05)
        RefreshToken.objects.filter(id=held.id).update(consumed_at=now, successor_salt=salt)
        return True

    token = log_in(make_person()).json["refresh"]
    monkeypatch.setattr("apps.auth.actions.rotation._consume", look_then_write)

    answers = race(lambda _: turn(Client(application), token), 10)

    statuses = [getattr(answer, "status", 500) for answer in answers]
    assert statuses.count(200) < 10
