"""Registering, over HTTP."""

from typing import Any

import pytest

from apps.auth.events import SessionStarted
from apps.auth.models import Session
from apps.users.events import EmailVerificationRequested, UserRegistered
from apps.users.models import User
from tests.support.http import Client
from tests.support.people import PASSWORD, make_person

pytestmark = pytest.mark.django_db

ADA = {
    "email": "Ada@Example.org",
    "password": PASSWORD,
    "display_name": "Ada Lovelace",
    "locale": "de",
    "time_zone": "Europe/London",
    "terms_version": "2026-11",
}


def test_who_registers_is_a_student_with_a_session_and_is_asked_to_verify(client: Any, published: Any) -> None:
    answer = client.post("auth/register/", json=ADA)

    assert answer.status == 201
    user = User.objects.get(email="ada@example.org")
    assert answer.json["user"] == {
        "id": str(user.id),
        "display_name": "Ada Lovelace",
        "roles": ["student"],
        "is_verified": False,
        "locale": "de",
        "time_zone": "Europe/London",
    }
    assert answer.json["expires_in"] == 300
    assert user.terms_version == "2026-11"
    assert user.terms_accepted_at is not None
    assert [fact.user_id for fact in published(UserRegistered)] == [user.id]
    assert [fact.user_id for fact in published(EmailVerificationRequested)] == [user.id]
    assert [fact.user_id for fact in published(SessionStarted)] == [user.id]
    client.token = answer.json["access"]
    assert client.get("users/me/").json["email"] == "ada@example.org"


@pytest.mark.parametrize("spelling", ["ada@example.org", "ADA@example.ORG", "ada@ｅxample.org"])
def test_a_known_address_is_taken_in_any_spelling(client: Any, spelling: str) -> None:
    make_person(email="ada@example.org")

    answer = client.post("auth/register/", json=ADA | {"email": spelling})

    assert (answer.status, answer.json["code"]) == (409, "email_taken")
    assert User.objects.count() == 1
    assert Session.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "ada.lovelace"}, "password"),
        ({"password": "password123"}, "password"),
        ({"display_name": "\u202e \u200b"}, "display_name"),
        ({"locale": "klingon"}, "locale"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"terms_version": ""}, "terms_version"),
        ({"terms_version": None}, "terms_version"),
    ],
)
def test_what_is_not_valid_is_named_and_nothing_is_made(client: Any, change: dict[str, Any], field: str) -> None:
    answer = client.post("auth/register/", json=ADA | change)

    assert answer.status == 400
    assert list(answer.json["errors"]) == [field]
    assert User.objects.count() == 0


def test_terms_must_be_accepted(client: Any) -> None:
    without = {name: value for name, value in ADA.items() if name != "terms_version"}

    assert client.post("auth/register/", json=without).status == 400
    assert User.objects.count() == 0


def test_nobody_can_register_as_more_than_a_student(client: Any) -> None:
    more = {
        "roles": ["staff"],
        "is_superuser": True,
        "is_staff": True,
        "is_active": False,
        "email_verified_at": "2020-01-01T00:00:00Z",
        "is_verified": True,
        "credential_epoch": 9,
        "id": "0199c0de-0000-7000-8000-000000000001",
    }

    assert client.post("auth/register/", json=ADA | more).status == 201
    user = User.objects.get()
    assert user.roles == ["student"]
    assert (user.is_superuser, user.is_staff, user.is_active) == (False, False, True)
    assert user.email_verified_at is None
    assert user.credential_epoch == 0
    assert str(user.id) != more["id"]


def test_probing_for_known_addresses_is_limited_and_honest_registrations_are_not(client: Any) -> None:
    make_person(email="ada@example.org")
    for number in range(25):
        assert client.post("auth/register/", json=ADA | {"email": f"new{number}@example.org"}).status == 201

    statuses = [client.post("auth/register/", json=ADA).status for _ in range(21)]

    assert statuses == [409] * 20 + [429]
    refused = client.post("auth/register/", json=ADA | {"email": "another@example.org"})
    assert refused.status == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    client.address = "198.51.100.1"
    assert client.post("auth/register/", json=ADA).status == 409


@pytest.mark.django_db(transaction=True)
def test_of_ten_registrations_at_once_one_makes_the_account(application: Any, race: Any) -> None:
    answers = race(
        lambda number: Client(application, address=f"198.51.100.{number}").post("auth/register/", json=ADA), 10
    )

    assert sorted(answer.status for answer in answers) == [201] + [409] * 9
    assert User.objects.count() == 1
    assert Session.objects.count() == 1
