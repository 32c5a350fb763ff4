"""Logging in: who gets in, what others learn, and how often they may try."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher

from apps.auth.events import SuspiciousLogin
from apps.auth.models import Session
from apps.users import api as users
from apps.users.models import User
from tests.support.http import Client
from tests.support.people import PASSWORD, email_of, make_person

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_who_has_the_password_gets_a_session(client: Any) -> None:
    make_person(email="ada@example.org")

    answer = client.post("auth/token/", json={"email": "ADA@Example.org", "password": PASSWORD})

    assert answer.status == 200
    assert sorted(answer.json) == ["access", "expires_in", "refresh"]
    client.token = answer.json["access"]
    assert client.get("users/me/").json["email"] == "ada@example.org"


def test_unknown_wrong_and_suspended_are_told_the_same(client: Any) -> None:
    known = make_person()
    suspended = make_person(is_active=False)
    asked = [
        {"email": "nobody@example.org", "password": PASSWORD},
        {"email": email_of(known), "password": "another one entirely"},
        {"email": email_of(suspended), "password": PASSWORD},
    ]

    answers = [client.post("auth/token/", json=body) for body in asked]

    bodies = [{name: value for name, value in answer.json.items() if name != "request_id"} for answer in answers]
    assert [answer.status for answer in answers] == [401, 401, 401]
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["code"] == "wrong_credentials"
    assert [sorted(answer.headers) for answer in answers[1:]] == [sorted(answers[0].headers)] * 2
    assert Session.objects.count() == 0


@pytest.mark.parametrize("who", ["unknown", "wrong", "suspended"])
def test_a_password_is_hashed_once_whoever_asks(client: Any, monkeypatch: Any, who: str) -> None:
    person = make_person(is_active=who != "suspended")
    email = "nobody@example.org" if who == "unknown" else email_of(person)
    password = PASSWORD if who == "suspended" else "another one entirely"
    hashes: list[str] = []
    real = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *words: hashes.append(words[1]) or real(*words))

    client.post("auth/token/", json={"email": email, "password": password})

    assert hashes == [password]


def test_ten_guesses_in_five_minutes_from_one_place_and_then_the_next(log_in: Any) -> None:
    person = make_person()
    with time_machine.travel(NOON, tick=False) as clock:
        statuses = []
        for _ in range(11):
            statuses.append(log_in(person, password="a wrong guess").status)
            clock.shift(timedelta(seconds=6))
        refused = log_in(person)

        assert statuses == [401] * 10 + [429]
        assert refused.status == 429
        assert refused.json["code"] == "too_many"
        assert refused.headers["Retry-After"] == "234"
        clock.shift(timedelta(seconds=234))
        assert log_in(person).status == 200


def test_no_window_of_five_minutes_holds_more_than_ten_guesses(log_in: Any) -> None:
    person = make_person()
    allowed: list[float] = []
    with time_machine.travel(NOON, tick=False) as clock:
        for second in range(0, 1200, 20):
            if log_in(person, password="a wrong guess").status == 401:
                allowed.append(second)
            clock.shift(timedelta(seconds=20))

    assert max(sum(start <= at < start + 300 for at in allowed) for start in allowed) == 10
    assert len(allowed) == 40


def test_honest_log_ins_do_not_count(log_in: Any) -> None:
    person = make_person()

    assert [log_in(person).status for _ in range(15)] == [200] * 15


def test_another_spelling_is_no_other_account(client: Any) -> None:
    make_person(email="ada@example.org")
    spellings = ["ada@example.org", "ADA@example.org", "ada@ｅxample.org", "ada@EXAMPLE.org"] * 3

    statuses = [client.post("auth/token/", json={"email": email, "password": "no"}).status for email in spellings]

    assert statuses == [401] * 10 + [429] * 2


def test_a_forwarded_address_is_no_other_place(client: Any) -> None:
    person = make_person()

    statuses = [
        client.post(
            "auth/token/",
            json={"email": email_of(person), "password": "no"},
            headers={
                "X-Forwarded-For": f"198.51.100.{number}",
                "Forwarded": f"for=198.51.100.{number}",
                "X-Real-IP": f"198.51.100.{number}",
                "X-Client-Address": f"198.51.100.{number}",
            },
        ).status
        for number in range(12)
    ]

    assert statuses == [401] * 10 + [429] * 2


def test_many_places_get_a_hundred_guesses_and_the_owner_still_gets_in(log_in: Any, published: Any) -> None:
    person = make_person()
    home = "192.0.2.10"
    with time_machine.travel(NOON, tick=False) as clock:
        assert log_in(person, address=home).status == 200
        clock.shift(timedelta(days=1))

        statuses = [
            log_in(person, password="a wrong guess", address=f"198.51.{number % 200}.9").status for number in range(120)
        ]

        assert statuses == [401] * 100 + [429] * 20
        assert [fact.user_id for fact in published(SuspiciousLogin)] == [person.id]
        assert log_in(person, address=home).status == 200
        assert log_in(person, address="198.51.250.9").status == 429


def test_one_place_gets_a_hundred_guesses_over_all_accounts(client: Any) -> None:
    statuses = [
        client.post("auth/token/", json={"email": f"p{number}@example.org", "password": "Spring2026!"}).status
        for number in range(105)
    ]

    assert statuses == [401] * 100 + [429] * 5


def test_getting_in_from_a_new_place_after_wrong_guesses_is_suspicious(log_in: Any, published: Any) -> None:
    person = make_person()
    for _ in range(5):
        log_in(person, password="a wrong guess", address="198.51.100.9")

    assert log_in(person, address="198.51.100.9").status == 200
    assert [fact.user_id for fact in published(SuspiciousLogin)] == [person.id]


def test_a_forgetful_owner_at_home_is_not_suspicious(log_in: Any, published: Any) -> None:
    person = make_person()
    log_in(person)
    for _ in range(6):
        log_in(person, password="a wrong guess")

    assert log_in(person).status == 200
    assert published(SuspiciousLogin) == []


def test_a_password_changed_while_a_log_in_runs_gives_no_session(client: Any, monkeypatch: Any) -> None:
    person = make_person()
    real = users.authenticate

    def then_changed(**named: Any) -> Any:
        credentials = real(**named)
        User.objects.filter(id=person.id).update(credential_epoch=1)
        return credentials

    monkeypatch.setattr(users, "authenticate", then_changed)

    answer = client.post("auth/token/", json={"email": email_of(person), "password": PASSWORD})

    assert answer.status == 401
    assert Session.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_twenty_guesses_at_once_are_counted_one_by_one(application: Any, race: Any) -> None:
    person = make_person()
    body = {"email": email_of(person), "password": "a wrong guess"}

    answers = race(lambda _: Client(application).post("auth/token/", json=body), 20)

    assert sorted(answer.status for answer in answers) == [401] * 10 + [429] * 10
