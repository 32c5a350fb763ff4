"""A person's own account, over HTTP."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from apps.media.types import Purpose
from apps.users import api as users
from apps.users.events import PasswordChanged, ProfileChanged, RolesChanged
from apps.users.models import User
from learninghub.audit.models import AuditEntry
from tests.support.media import make_asset
from tests.support.people import PASSWORD, email_of, make_person

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "staple and paperclip"
UNTOUCHED = (
    "id", "email", "password", "roles", "is_active", "is_superuser", "email_verified_at", "credential_epoch",
    "terms_version", "terms_accepted_at", "created_at",
)  # fmt: skip
EVERYTHING = {
    "id": str(uuid4()),
    "email": "other@example.org",
    "password": "x",
    "roles": ["staff", "instructor"],
    "role": "staff",
    "is_active": False,
    "is_staff": True,
    "is_superuser": True,
    "is_verified": True,
    "email_verified_at": "2020-01-01T00:00:00Z",
    "credential_epoch": 99,
    "terms_version": "0",
    "terms_accepted_at": "2020-01-01T00:00:00Z",
    "created_at": "2020-01-01T00:00:00Z",
    "joined_at": "2020-01-01T00:00:00Z",
    "groups": [1],
    "user_permissions": [1],
}


def untouched(person: Any) -> dict[str, Any]:
    return User.objects.filter(id=person.id).values(*UNTOUCHED).get()


def test_a_person_sees_their_own_account(as_user: Any) -> None:
    person = make_person(email="ada@example.org", display_name="Ada", locale="de", time_zone="Europe/Berlin")

    answer = as_user(person).get("users/me/")

    joined = users.get_person(user_id=person.id).joined_at
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert answer.json == {
        "id": str(person.id),
        "email": "ada@example.org",
        "display_name": "Ada",
        "avatar_id": None,
        "avatar_url": None,
        "roles": ["student"],
        "is_verified": True,
        "locale": "de",
        "time_zone": "Europe/Berlin",
        "terms_version": "2026-11",
        "joined_at": joined.isoformat().replace("+00:00", "Z"),
    }


def test_seeing_ones_account_is_one_statement(as_user: Any, queries_of: Any) -> None:
    client = as_user(make_person())

    assert queries_of(lambda: client.get("users/me/")) == 1


def test_a_new_name_is_told_to_those_who_keep_it(as_user: Any, published: Any) -> None:
    person = make_person()

    answer = as_user(person).patch("users/me/", json={"display_name": "  Ada \u202e Lovelace "})

    assert (answer.status, answer.json["display_name"]) == (200, "Ada Lovelace")
    assert [(fact.user_id, fact.display_name) for fact in published(ProfileChanged)] == [(person.id, "Ada Lovelace")]


def test_the_same_name_again_is_told_to_nobody(as_user: Any, published: Any) -> None:
    person = make_person(display_name="Ada")

    assert as_user(person).patch("users/me/", json={"display_name": "Ada"}).status == 200
    assert as_user(person).patch("users/me/", json={}).status == 200
    assert published(ProfileChanged) == []


def test_a_picture_is_ones_own_and_everyone_may_see_it(as_user: Any, client: Any, published: Any) -> None:
    person = make_person()
    picture = make_asset(owner_id=person.id, is_public=True, purpose=Purpose.AVATAR)

    answer = as_user(person).patch("users/me/", json={"avatar_id": str(picture.id)})

    address = f"/api/v1/media/{picture.id}/file/?rendition=thumb"
    assert (answer.status, answer.json["avatar_url"]) == (200, address)
    assert client.get(f"users/{person.id}/").json["avatar_url"] == address
    assert as_user(person).patch("users/me/", json={"avatar_id": None}).json["avatar_url"] is None
    assert [fact.avatar_id for fact in published(ProfileChanged)] == [picture.id, None]


def test_a_picture_that_is_not_ones_own_public_picture_is_refused(as_user: Any, published: Any) -> None:
    person = make_person()
    others = make_asset(owner_id=make_person().id, is_public=True, purpose=Purpose.AVATAR)
    private = make_asset(owner_id=person.id)
    text = make_asset(owner_id=person.id, content=b"words", filename="words.txt", is_public=True)

    answers = [
        as_user(person).patch("users/me/", json={"avatar_id": str(asset_id)})
        for asset_id in (others.id, private.id, text.id, uuid4())
    ]

    assert [(answer.status, list(answer.json["errors"])) for answer in answers] == [(400, ["avatar_id"])] * 4
    assert users.get_person(user_id=person.id).avatar_id is None
    assert published(ProfileChanged) == []


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 121, None, "a\u0000b"])
def test_a_name_that_is_none_is_refused(as_user: Any, name: str | None) -> None:
    person = make_person(display_name="Ada")

    assert as_user(person).patch("users/me/", json={"display_name": name}).status == 400
    assert users.get_person(user_id=person.id).display_name == "Ada"


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("PATCH", "users/me/", {"display_name": "Eve"}),
        ("PUT", "users/me/preferences/", {"locale": "de", "time_zone": "UTC"}),
    ],
)
def test_no_route_changes_what_it_does_not_name(
    as_user: Any, published: Any, method: str, path: str, wanted: dict[str, str]
) -> None:
    person = make_person(verified=False)
    before = untouched(person)

    assert as_user(person).request(method, path, json=EVERYTHING | wanted).status == 200
    assert untouched(person) == before
    assert published(RolesChanged) == []


def test_preferences_are_read_and_set(as_user: Any) -> None:
    mine = as_user(make_person())

    assert mine.get("users/me/preferences/").json == {"locale": "en", "time_zone": "UTC"}
    answer = mine.put("users/me/preferences/", json={"locale": "de_at", "time_zone": "Europe/Vienna"})

    assert (answer.status, answer.json) == (200, {"locale": "de-AT", "time_zone": "Europe/Vienna"})
    assert mine.get("users/me/preferences/").json == answer.json


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"locale": "xx-YY-zz", "time_zone": "UTC"}, "locale"),
        ({"locale": "de", "time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"locale": "de"}, "time_zone"),
    ],
)
def test_preferences_that_do_not_exist_are_refused(as_user: Any, body: dict[str, str], field: str) -> None:
    mine = as_user(make_person())

    answer = mine.put("users/me/preferences/", json=body)

    assert (answer.status, list(answer.json["errors"])) == (400, [field])
    assert mine.get("users/me/preferences/").json == {"locale": "en", "time_zone": "UTC"}


def test_a_password_is_changed_by_who_knows_the_old_one(as_user: Any, published: Any) -> None:
    person = make_person()
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}

    assert as_user(person).post("users/me/password/", json=body).status == 204
    assert users.authenticate(email=email_of(person), password=NEW_PASSWORD).epoch == 1
    assert [(fact.user_id, fact.epoch) for fact in published(PasswordChanged)] == [(person.id, 1)]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"current_password": "a wrong one", "new_password": NEW_PASSWORD}, "invalid", "current_password"),
        ({"current_password": PASSWORD, "new_password": "short"}, "weak_password", "new_password"),
        ({"current_password": PASSWORD, "new_password": "qwertyuiop"}, "weak_password", "new_password"),
        ({"current_password": PASSWORD, "new_password": "p" * 300}, "weak_password", "new_password"),
        ({"new_password": NEW_PASSWORD}, "invalid", "current_password"),
    ],
)
def test_a_password_that_may_not_change_stays(
    as_user: Any, published: Any, body: dict[str, str], code: str, field: str
) -> None:
    person = make_person()

    answer = as_user(person).post("users/me/password/", json=body)

    assert (answer.status, answer.json["code"], list(answer.json["errors"])) == (400, code, [field])
    assert users.authenticate(email=email_of(person), password=PASSWORD).epoch == 0
    assert published(PasswordChanged) == []


def test_a_stolen_session_gets_ten_guesses_whatever_key_it_sends(as_user: Any) -> None:
    with time_machine.travel(datetime(2026, 11, 2, 12, tzinfo=UTC), tick=False):
        mine = as_user(make_person())
        body = {"current_password": "a wrong one", "new_password": NEW_PASSWORD}

        statuses = [
            mine.post("users/me/password/", json=body, headers={"Idempotency-Key": f"key-{number}"}).status
            for number in range(12)
        ]

    assert statuses == [400] * 10 + [429] * 2


def test_a_verified_person_may_start_to_teach(as_user: Any, published: Any) -> None:
    person = make_person()
    mine = as_user(person)

    answers = [mine.post("users/me/teaching/") for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].json["roles"] == ["student", "instructor"]
    assert [(fact.user_id, fact.granted, fact.revoked) for fact in published(RolesChanged)] == [
        (person.id, "instructor", None)
    ]
    assert AuditEntry.objects.get().action == "users.role_granted"


def test_an_unverified_person_may_not_teach(as_user: Any, published: Any) -> None:
    person = make_person(verified=False)

    answer = as_user(person).post("users/me/teaching/", json={"roles": ["staff"]})

    assert (answer.status, answer.json["code"]) == (403, "email_not_verified")
    assert users.get_person(user_id=person.id).roles == {"student"}
    assert published(RolesChanged) == []


def test_others_see_name_and_picture_and_no_more(client: Any) -> None:
    person = make_person(roles={"instructor"}, display_name="Ada")

    answer = client.get(f"users/{person.id}/")

    assert answer.status == 200
    assert sorted(answer.json) == ["avatar_id", "avatar_url", "display_name", "id", "is_instructor", "joined_at"]
    assert (answer.json["display_name"], answer.json["is_instructor"]) == ("Ada", True)
    assert email_of(person) not in answer.text


def test_who_is_suspended_or_unknown_is_not_found(client: Any) -> None:
    assert client.get(f"users/{make_person(is_active=False).id}/").status == 404
    assert client.get(f"users/{uuid4()}/").status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "users/me/"),
        ("PATCH", "users/me/"),
        ("GET", "users/me/preferences/"),
        ("PUT", "users/me/preferences/"),
        ("POST", "users/me/password/"),
        ("POST", "users/me/email/"),
        ("POST", "users/me/teaching/"),
        ("POST", "users/verify-email/resend/"),
    ],
)
def test_a_stranger_has_no_account(client: Any, method: str, path: str) -> None:
    answer = client.request(method, path, json={})

    assert (answer.status, answer.json["code"]) == (401, "unauthorized")
