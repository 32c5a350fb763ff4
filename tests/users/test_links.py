"""Mailed links: what they prove, how long, how often, and for nothing else."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.users import actions
from apps.users import api as users
from apps.users.events import (
    EmailChanged,
    EmailChangeRequested,
    EmailVerificationRequested,
    EmailVerified,
    PasswordChanged,
    PasswordResetRequested,
)
from apps.users.models import LinkRequest, User
from apps.users.queries import get_user
from learninghub.clock import now
from learninghub.outbox.models import OutboxMessage
from tests.support.http import Client
from tests.support.people import PASSWORD, email_of, make_person

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
NEW_PASSWORD = "staple and paperclip"


@pytest.fixture
def asked(as_user: Any, token_of: Any) -> Any:
    """An unverified person who asked for the link once more, and its token."""
    person = make_person(verified=False)
    assert as_user(person).post("users/verify-email/resend/").status == 202
    return person, token_of(EmailVerificationRequested)


@pytest.fixture
def forgot(client: Any, deliver_all: Any, token_of: Any) -> Any:
    """A person who forgot the password, and the token mailed to them."""
    person = make_person()
    assert client.post("users/password-reset/", json={"email": email_of(person)}).status == 202
    deliver_all()
    return person, token_of(PasswordResetRequested)


def test_the_link_proves_the_address_once(client: Any, asked: Any, published: Any) -> None:
    person, token = asked

    first = client.post("users/verify-email/", json={"token": token})
    again = client.post("users/verify-email/", json={"token": token})

    assert (first.status, first.body) == (204, b"")
    assert (again.status, again.json["code"]) == (400, "invalid_link")
    assert users.get_person(user_id=person.id).is_verified
    assert [fact.user_id for fact in published(EmailVerified)] == [person.id]


def test_the_link_holds_for_three_days(client: Any, as_user: Any, token_of: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        person = make_person(verified=False)
        as_user(person).post("users/verify-email/resend/")
        token = token_of(EmailVerificationRequested)
        clock.shift(timedelta(days=3))
        assert client.post("users/verify-email/", json={"token": token}).status == 400
        assert not users.get_person(user_id=person.id).is_verified
        clock.shift(-timedelta(seconds=1))
        assert client.post("users/verify-email/", json={"token": token}).status == 204


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-2] + ("AA" if token[-2:] != "AA" else "BB"),
        lambda token: token.split(".")[0],
        lambda token: "." + token.split(".")[1],
        lambda token: f"{'A' * 22}.{token.split('.')[1]}",
        lambda _: "…",
        lambda _: "x",
    ],
)
def test_a_changed_link_proves_nothing(client: Any, asked: Any, spoil: Any) -> None:
    person, token = asked

    answer = client.post("users/verify-email/", json={"token": spoil(token)})

    assert (answer.status, answer.json["code"]) == (400, "invalid_link")
    assert not users.get_person(user_id=person.id).is_verified


def test_one_persons_proof_is_not_anothers(client: Any, asked: Any, as_user: Any, token_of: Any) -> None:
    _, token = asked
    other = make_person(verified=False)
    as_user(other).post("users/verify-email/resend/")
    mixed = f"{token_of(EmailVerificationRequested).split('.')[0]}.{token.split('.')[1]}"

    assert client.post("users/verify-email/", json={"token": mixed}).status == 400
    assert not users.get_person(user_id=other.id).is_verified


def test_a_link_for_one_purpose_is_refused_for_the_other(client: Any, asked: Any, forgot: Any) -> None:
    _, verify = asked
    person, reset = forgot

    assert client.post("users/verify-email/", json={"token": reset}).status == 400
    answer = client.post("users/password-reset/confirm/", json={"token": verify, "password": NEW_PASSWORD})

    assert (answer.status, answer.json["code"]) == (400, "invalid_link")
    assert users.authenticate(email=email_of(person), password=PASSWORD).user_id == person.id
    assert LinkRequest.objects.filter(used_at=None).count() == 2


def test_a_verified_person_needs_no_link(as_user: Any, published: Any) -> None:
    answer = as_user(make_person()).post("users/verify-email/resend/")

    assert (answer.status, answer.json["code"]) == (409, "already_verified")
    assert published(EmailVerificationRequested) == []


def test_links_are_not_mailed_more_than_five_times_an_hour(as_user: Any, published: Any) -> None:
    mine = as_user(make_person(verified=False))

    answers = [mine.post("users/verify-email/resend/") for _ in range(6)]

    assert [answer.status for answer in answers] == [202] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) == 600
    assert len(published(EmailVerificationRequested)) == 5


def test_no_secret_of_a_link_is_kept(asked: Any, forgot: Any) -> None:
    proofs = [token.split(".")[1] for _, token in (asked, forgot)]

    kept = str(list(LinkRequest.objects.values())) + str(list(OutboxMessage.objects.values()))

    assert [proof in kept for proof in proofs] == [False, False]


def test_the_link_leads_to_our_own_address_whatever_host_was_asked(client: Any, forgot: Any, settings: Any) -> None:
    request = LinkRequest.objects.get()

    assert users.get_mailed_link(request_id=request.id).url.startswith(
        f"{settings.SITE_URL.rstrip('/')}/reset-password/?token="
    )
    assert users.get_mailed_link(request_id=request.id).contact.email == request.email


def test_a_link_stays_good_when_the_key_of_the_house_is_turned(client: Any, asked: Any, settings: Any) -> None:
    _, token = asked
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of the house"

    assert client.post("users/verify-email/", json={"token": token}).status == 204


def test_a_reset_sets_the_password_once_and_tells(client: Any, forgot: Any, published: Any) -> None:
    person, token = forgot
    body = {"token": token, "password": NEW_PASSWORD}

    assert client.post("users/password-reset/confirm/", json=body).status == 204
    assert client.post("users/password-reset/confirm/", json=body).status == 400
    assert users.authenticate(email=email_of(person), password=NEW_PASSWORD).user_id == person.id
    assert [(fact.user_id, fact.epoch, fact.kept_session_id) for fact in published(PasswordChanged)] == [
        (person.id, 1, None)
    ]


def test_a_weak_password_does_not_use_the_link_up(client: Any, forgot: Any) -> None:
    _, token = forgot

    weak = client.post("users/password-reset/confirm/", json={"token": token, "password": "password123"})

    assert (weak.status, weak.json["code"], list(weak.json["errors"])) == (400, "weak_password", ["password"])
    assert client.post("users/password-reset/confirm/", json={"token": token, "password": NEW_PASSWORD}).status == 204


def test_a_reset_link_holds_for_an_hour(client: Any, deliver_all: Any, token_of: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        person = make_person()
        client.post("users/password-reset/", json={"email": email_of(person)})
        deliver_all()
        body = {"token": token_of(PasswordResetRequested), "password": NEW_PASSWORD}
        clock.shift(timedelta(hours=1))
        assert client.post("users/password-reset/confirm/", json=body).status == 400
        clock.shift(-timedelta(seconds=1))
        assert client.post("users/password-reset/confirm/", json=body).status == 204


def test_a_new_password_voids_every_link_mailed_before(
    client: Any, as_user: Any, deliver_all: Any, forgot: Any, token_of: Any
) -> None:
    person, older = forgot
    client.post("users/password-reset/", json={"email": email_of(person)})
    deliver_all()
    younger = token_of(PasswordResetRequested)
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert as_user(person).post("users/me/password/", json=change).status == 204

    answers = [
        client.post("users/password-reset/confirm/", json={"token": token, "password": "paperclip and staple"})
        for token in (older, younger)
    ]

    assert [answer.status for answer in answers] == [400, 400]


def test_asking_for_a_reset_tells_nobody_who_is_known(
    client: Any, deliver_all: Any, published: Any, queries_of: Any
) -> None:
    known, suspended = make_person(), make_person(is_active=False)
    asked = [email_of(known), "nobody@example.org", email_of(suspended)]
    client.post("users/password-reset/", json={"email": "warm@example.org"})
    seen = []

    def ask(email: str) -> None:
        answer = client.post("users/password-reset/", json={"email": email})
        headers = {n: v for n, v in answer.headers.items() if n not in {"x-request-id", "traceparent"}}
        seen.append((answer.status, answer.body, headers))

    statements = [queries_of(lambda email=email: ask(email)) for email in asked]
    deliver_all()

    assert seen[0][:2] == (202, b"")
    assert seen[0] == seen[1] == seen[2]
    assert len(set(statements)) == 1
    assert [fact.user_id for fact in published(PasswordResetRequested)] == [known.id]


def test_resets_are_limited_by_person_without_a_word_and_by_place_with_one(
    client: Any, deliver_all: Any, published: Any
) -> None:
    person = make_person()

    statuses = [client.post("users/password-reset/", json={"email": email_of(person)}).status for _ in range(21)]
    deliver_all()

    assert statuses == [202] * 20 + [429]
    assert len(published(PasswordResetRequested)) == 5


def test_a_reset_link_proves_the_address_too(client: Any, deliver_all: Any, token_of: Any) -> None:
    person = make_person(verified=False)
    client.post("users/password-reset/", json={"email": email_of(person)})
    deliver_all()

    body = {"token": token_of(PasswordResetRequested), "password": NEW_PASSWORD}
    assert client.post("users/password-reset/confirm/", json=body).status == 204
    assert users.get_person(user_id=person.id).is_verified


def test_a_suspended_person_opens_no_link(client: Any, forgot: Any) -> None:
    person, token = forgot
    User.objects.filter(id=person.id).update(is_active=False)

    answer = client.post("users/password-reset/confirm/", json={"token": token, "password": NEW_PASSWORD})

    assert answer.status == 400
    assert LinkRequest.objects.get().used_at is None


def test_a_new_address_counts_when_its_link_is_opened(client: Any, as_user: Any, token_of: Any, published: Any) -> None:
    person = make_person(email="old@example.org")

    asked = as_user(person).post("users/me/email/", json={"email": "New@Example.org", "password": PASSWORD})

    link = users.get_mailed_link(request_id=published(EmailChangeRequested)[0].request_id)
    assert asked.status == 202
    assert (link.contact.email, link.contact.is_verified) == ("new@example.org", False)
    assert users.get_contact(user_id=person.id).email == "old@example.org"
    assert client.post("users/verify-email/", json={"token": token_of(EmailChangeRequested)}).status == 204
    assert users.get_contact(user_id=person.id).email == "new@example.org"
    assert [fact.user_id for fact in published(EmailChanged)] == [person.id]


def test_a_new_address_voids_links_mailed_to_the_old_one(client: Any, as_user: Any, token_of: Any, forgot: Any) -> None:
    person, reset = forgot
    as_user(person).post("users/me/email/", json={"email": "new@example.org", "password": PASSWORD})
    client.post("users/verify-email/", json={"token": token_of(EmailChangeRequested)})

    answer = client.post("users/password-reset/confirm/", json={"token": reset, "password": NEW_PASSWORD})

    assert answer.status == 400


def test_an_address_taken_meanwhile_is_not_taken_over(client: Any, as_user: Any, token_of: Any) -> None:
    person = make_person(email="old@example.org")
    as_user(person).post("users/me/email/", json={"email": "new@example.org", "password": PASSWORD})
    make_person(email="new@example.org")

    answer = client.post("users/verify-email/", json={"token": token_of(EmailChangeRequested)})

    assert (answer.status, answer.json["code"]) == (409, "email_taken")
    assert users.get_contact(user_id=person.id).email == "old@example.org"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"email": "new@example.org", "password": "a wrong one"}, 400),
        ({"email": "taken@example.org", "password": PASSWORD}, 409),
        ({"email": "nobody", "password": PASSWORD}, 400),
    ],
)
def test_a_change_of_address_that_may_not_be_asks_for_nothing(
    as_user: Any, published: Any, body: dict[str, str], status: int
) -> None:
    make_person(email="taken@example.org")

    assert as_user(make_person()).post("users/me/email/", json=body).status == status
    assert published(EmailChangeRequested) == []


def test_links_long_expired_are_forgotten(asked: Any) -> None:
    at = now()

    assert actions.tidy(now=at + timedelta(days=9)) == 0
    assert actions.tidy(now=at + timedelta(days=11)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_ten_clicks_at_once_one_uses_the_link(application: Any, race: Any, as_user: Any, token_of: Any) -> None:
    as_user(make_person(verified=False)).post("users/verify-email/resend/")
    token = token_of(EmailVerificationRequested)

    answers = race(lambda _: Client(application).post("users/verify-email/", json={"token": token}), 10)

    assert sorted(answer.status for answer in answers) == [204] + [400] * 9


@pytest.mark.django_db(transaction=True)
def test_without_lock_and_condition_several_clicks_would_use_it(
    application: Any, race: Any, as_user: Any, token_of: Any, monkeypatch: Any
) -> None:
    def look_then_write(request: LinkRequest, *, epoch: int, now: datetime) -> bool:
        if LinkRequest.objects.get(id=request.id).used_at is not None:
            return False
        time.sleep(0.05)
        return LinkRequest.objects.filter(id=request.id).update(used_at=now) == 1

    as_user(make_person(verified=False)).post("users/verify-email/resend/")
    token = token_of(EmailVerificationRequested)
    monkeypatch.setattr("apps.users.actions.links._use_up", look_then_write)
    monkeypatch.setattr("apps.users.actions.links.lock_user", get_user)

    answers = race(lambda _: Client(application).post("users/verify-email/", json={"token": token}), 10)

    assert sum(answer.status == 204 for answer in answers) > 1
