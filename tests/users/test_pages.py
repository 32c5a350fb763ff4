"""The pages that mailed links lead to."""

import re
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from apps.users import api as users
from apps.users.events import EmailVerificationRequested, PasswordResetRequested
from tests.support.people import PASSWORD, email_of, make_person

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
NEW_PASSWORD = "staple and paperclip"


def send(client: Any, path: str, **fields: str) -> Any:
    return client.request("POST", path, body=urlencode(fields).encode(), content_type=FORM)


@pytest.fixture
def verification(as_user: Any, published: Any) -> Any:
    person = make_person(verified=False)
    as_user(person).post("users/verify-email/resend/")
    url = urlsplit(users.get_mailed_link(request_id=published(EmailVerificationRequested)[-1].request_id).url)
    return person, f"{url.path}?{url.query}"


def test_opening_the_link_shows_a_button_and_changes_nothing(client: Any, verification: Any) -> None:
    person, path = verification

    answers = [client.get(path) for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 200]
    assert "Yes, this is my address" in answers[0].text
    assert answers[0].headers["Referrer-Policy"] == "no-referrer"
    assert answers[0].headers["Cache-Control"] == "private, no-store"
    assert "script" not in answers[0].text
    assert not users.get_person(user_id=person.id).is_verified


def test_pressing_the_button_confirms_the_address(client: Any, verification: Any) -> None:
    person, path = verification
    token = re.search(r'name="token" value="([^"]+)"', client.get(path).text)
    assert token

    first = send(client, "/verify-email/", token=token[1])
    again = send(client, "/verify-email/", token=token[1])

    assert (first.status, again.status) == (200, 400)
    assert "Your address is confirmed" in first.text
    assert "not valid any more" in again.text
    assert users.get_person(user_id=person.id).is_verified


def test_a_forgotten_password_is_replaced_on_its_page(client: Any, deliver_all: Any, published: Any) -> None:
    person = make_person()
    client.post("users/password-reset/", json={"email": email_of(person)})
    deliver_all()
    url = urlsplit(users.get_mailed_link(request_id=published(PasswordResetRequested)[-1].request_id).url)
    token = re.search(r'name="token" value="([^"]+)"', client.get(f"{url.path}?{url.query}").text)
    assert token

    weak = send(client, "/reset-password/", token=token[1], password="password123")
    good = send(client, "/reset-password/", token=token[1], password=NEW_PASSWORD)

    assert (weak.status, good.status) == (400, 200)
    assert "one of the first that anyone would try" in weak.text
    assert "password123" not in weak.text
    assert users.authenticate(email=email_of(person), password=NEW_PASSWORD).user_id == person.id


def test_what_stands_in_the_link_is_escaped(client: Any) -> None:
    answer = client.get("/verify-email/", token='"><img src=x>')

    assert answer.status == 200
    assert "<img" not in answer.text


def test_an_old_link_changes_no_password(client: Any) -> None:
    person = make_person()

    assert send(client, "/reset-password/", token="x.y", password=NEW_PASSWORD).status == 400
    assert users.authenticate(email=email_of(person), password=PASSWORD).user_id == person.id


def test_the_page_speaks_the_readers_language(client: Any) -> None:
    answer = client.get("/reset-password/", token="x", headers={"Accept-Language": "de-AT,de;q=0.9"})
    used = client.request(
        "POST", "/verify-email/", body=b"token=x", content_type=FORM, headers={"Accept-Language": "de"}
    )

    assert '<html lang="de">' in answer.text
    assert "Wählen Sie ein neues Passwort" in answer.text
    assert "Dieser Link gilt nicht oder nicht mehr." in used.text
