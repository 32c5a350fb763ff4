"""Registering and logging in, over HTTP."""

from typing import Any

import pytest

from apps.users.events import EmailVerificationRequested, UserRegistered
from apps.users.models import User
from tests.support.people import PASSWORD

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

    assert answer.status == 201, answer.json
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
    client.token = answer.json["access"]
    assert client.get("users/me/").json["email"] == "ada@example.org"
