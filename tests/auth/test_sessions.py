"""Sessions: seen, ended, and outlived by none of their tokens."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.test import TestCase

from apps.auth import actions
from apps.auth import api as auth
from apps.auth.events import SessionEnded
from apps.auth.models import RefreshToken, Session
from apps.auth.types import EndReason, Origin
from apps.users import api as users
from apps.users.types import Role
from config.settings import identity
from learninghub import bus
from learninghub.clock import now
from learninghub.http.identity import seal, the_edge
from tests.support.http import Client
from tests.support.people import PASSWORD, make_person

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
NEW_PASSWORD = "staple and paperclip"


def test_a_person_sees_their_open_sessions_youngest_first(log_in: Any, with_token: Any) -> None:
    person = make_person()
    with time_machine.travel(NOON, tick=False) as clock:
        log_in(person, address="203.0.113.77", agent="Firefox on a desk")
        log_in(make_person())
        clock.shift(timedelta(hours=1))
        mine = log_in(person, address="2001:db8:1:2::3", agent="A phone").json

        answer = with_token(mine["access"]).get("auth/sessions/")

    assert answer.status == 200
    assert [
        {name: row[name] for name in ("user_agent", "network", "is_current")} for row in answer.json["results"]
    ] == [
        {"user_agent": "A phone", "network": "2001:db8:1::/48", "is_current": True},
        {"user_agent": "Firefox on a desk", "network": "203.0.113.0/24", "is_current": False},
    ]
    assert "203.0.113.77" not in answer.text


def test_the_list_costs_the_same_for_three_and_for_thirty(as_user: Any, queries_of: Any) -> None:
    person = make_person()
    client = as_user(person)

    def open_sessions(count: int) -> None:
        for _ in range(count):
            actions.start_session(credentials=users.get_credentials(user_id=person.id), origin=Origin(), now=now())

    open_sessions(3)
    few = queries_of(lambda: client.get("auth/sessions/"))
    open_sessions(27)
    many = queries_of(lambda: client.get("auth/sessions/", page_size=30))
    assert (few, many) == (1, 1)


def test_logging_out_ends_the_access_token_at_once(log_in: Any, with_token: Any, client: Any) -> None:
    tokens = log_in(make_person()).json
    mine = with_token(tokens["access"])

    assert mine.post("auth/logout/").status == 204
    assert mine.get("users/me/").status == 401
    assert client.post("auth/token/refresh/", json={"refresh": tokens["refresh"]}).status == 401
    assert Session.objects.get().end_reason == "logged_out"


def test_logging_out_leaves_other_sessions_alone(log_in: Any, with_token: Any) -> None:
    person = make_person()
    kept = log_in(person).json
    left = log_in(person).json

    with_token(left["access"]).post("auth/logout/")

    assert with_token(kept["access"]).get("users/me/").status == 200


def test_logging_out_of_a_session_long_forgotten_is_no_error(as_user: Any) -> None:
    assert as_user(make_person()).post("auth/logout/").status == 204


def test_one_session_may_end_another_of_the_same_person(log_in: Any, with_token: Any, published: Any) -> None:
    person = make_person()
    phone = log_in(person).json
    desk = with_token(log_in(person).json["access"])
    phones_id = next(row["id"] for row in desk.get("auth/sessions/").json["results"] if not row["is_current"])

    assert desk.delete(f"auth/sessions/{phones_id}/").status == 204
    assert with_token(phone["access"]).get("users/me/").status == 401
    assert [row["is_current"] for row in desk.get("auth/sessions/").json["results"]] == [True]
    assert [(str(fact.session_id), fact.reason) for fact in published(SessionEnded)] == [(phones_id, "ended_by_owner")]


def test_nobody_ends_a_strangers_session(log_in: Any, as_user: Any, with_token: Any, published: Any) -> None:
    victim = log_in(make_person()).json
    session = Session.objects.get()

    answer = as_user(make_person()).delete(f"auth/sessions/{session.id}/")

    assert answer.status == 404
    assert with_token(victim["access"]).get("users/me/").status == 200
    assert published(SessionEnded) == []


def test_a_new_password_ends_every_other_session(log_in: Any, with_token: Any, deliver_all: Any) -> None:
    person = make_person()
    thief = with_token(log_in(person).json["access"])
    owner = with_token(log_in(person).json["access"])

    changed = owner.post("users/me/password/", json={"current_password": PASSWORD, "new_password": NEW_PASSWORD})
    deliver_all()

    assert changed.status == 204
    assert thief.get("users/me/").status == 401
    assert owner.get("users/me/").status == 200
    assert log_in(person).status == 401
    assert log_in(person, password=NEW_PASSWORD).status == 200


def test_word_of_a_new_password_that_comes_late_ends_no_younger_session(
    log_in: Any, with_token: Any, deliver_all: Any
) -> None:
    person = make_person()
    owner = with_token(log_in(person).json["access"])
    owner.post("users/me/password/", json={"current_password": PASSWORD, "new_password": NEW_PASSWORD})
    younger = with_token(log_in(person, password=NEW_PASSWORD).json["access"])

    deliver_all()

    assert younger.get("users/me/").status == 200


def test_a_suspended_person_is_out_and_stays_out(log_in: Any, with_token: Any, client: Any, deliver_all: Any) -> None:
    person, staff = make_person(), make_person(roles={"staff"})
    tokens = log_in(person).json

    users.suspend(user_id=person.id, by=staff.id, reason="spam", now=now())
    refreshed = client.post("auth/token/refresh/", json={"refresh": tokens["refresh"]})
    deliver_all()

    assert refreshed.status == 401
    assert with_token(tokens["access"]).get("users/me/").status == 401
    assert log_in(person).status == 401
    users.reinstate(user_id=person.id, by=staff.id, reason="a mistake", now=now())
    assert log_in(person).status == 200


def test_a_role_taken_away_is_gone_from_tokens_and_the_session_goes_on(
    log_in: Any, with_token: Any, client: Any, deliver_all: Any
) -> None:
    person, staff = make_person(roles={"instructor"}), make_person(roles={"staff"})
    tokens = log_in(person).json

    users.revoke_role(user_id=person.id, role=Role.INSTRUCTOR, by=staff.id, now=now())
    deliver_all()

    assert with_token(tokens["access"]).get("users/me/").status == 401
    fresh = client.post("auth/token/refresh/", json={"refresh": tokens["refresh"]}).json
    assert with_token(fresh["access"]).get("users/me/").json["roles"] == ["student"]


def test_an_edge_that_nobody_told_finds_out_by_asking(log_in: Any, with_token: Any, settings: Any) -> None:
    mine = with_token(log_in(make_person()).json["access"])
    settings.SESSION_POLL_SECONDS = 0
    assert mine.get("users/me/").status == 200

    Session.objects.update(ended_at=now(), changed_at=now(), end_reason="suspended")

    assert mine.get("users/me/").status == 401


def test_an_edge_asks_at_least_every_five_seconds() -> None:
    assert identity.SESSION_POLL_SECONDS <= 5


def test_a_role_granted_leaves_tokens_as_they_are(log_in: Any, with_token: Any, deliver_all: Any) -> None:
    person = make_person()
    mine = with_token(log_in(person).json["access"])

    users.grant_role(user_id=person.id, role=Role.STAFF, by=make_person().id, now=now())
    deliver_all()

    assert mine.get("users/me/").status == 200


def test_the_edge_learns_of_changes_that_committed_late(log_in: Any, with_token: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        log_in(make_person())
        ended, changed = Session.objects.get(), None
        actions.end_session(session_id=ended.id, user_id=ended.user_id, now=now())
        person = make_person()
        log_in(person)
        changed = Session.objects.get(user_id=person.id)
        clock.shift(timedelta(seconds=1))
        actions.distrust_tokens(user_id=person.id, now=now())
        log_in(make_person())

        changes = auth.session_changes(since=NOON - timedelta(minutes=6))

    assert [(one.session_id, one.is_ended, one.generation) for one in changes] == [
        (ended.id, True, 0),
        (changed.id, False, 1),
    ]
    assert auth.session_changes(since=NOON + timedelta(minutes=1)) == []


def test_asking_for_changes_is_one_statement(queries_of: Any) -> None:
    assert queries_of(lambda: auth.session_changes(since=NOON)) == 1


def test_sessions_long_over_are_forgotten_with_their_tokens(log_in: Any) -> None:
    with time_machine.travel(NOON, tick=False):
        for _ in range(3):
            log_in(make_person())
    over, expired, open_ = Session.objects.order_by("id")
    actions.end_session(session_id=over.id, user_id=over.user_id, now=NOON)
    Session.objects.filter(id=expired.id).update(expires_at=NOON + timedelta(seconds=1))

    assert actions.tidy(now=NOON + timedelta(days=30)) == 0
    assert actions.tidy(now=NOON + timedelta(days=31)) == 2
    assert list(Session.objects.values_list("id", flat=True)) == [open_.id]
    assert RefreshToken.objects.get().session_id == open_.id


def test_ending_all_sessions_twice_states_it_once(log_in: Any, published: Any) -> None:
    person = make_person()
    log_in(person)
    log_in(person)

    for _ in range(2):
        actions.end_all_sessions(user_id=person.id, reason=EndReason.SUSPENDED, now=NOON + timedelta(days=40))

    assert len(published(SessionEnded)) == 2


@pytest.mark.parametrize("path", ["auth/sessions/", "auth/sessions/0199c0de-0000-7000-8000-000000000001/"])
def test_strangers_see_no_sessions(client: Any, path: str) -> None:
    method = "GET" if path.endswith("sessions/") else "DELETE"
    assert client.request(method, path).status == 401


def test_a_session_is_known_by_no_guess(as_user: Any) -> None:
    assert as_user(make_person()).delete(f"auth/sessions/{uuid4()}/").status == 404


class TestTheGatewaysQuestions:
    def ask(self, application: Any, **claims: Any) -> Any:
        sealed = seal(replace(the_edge(), **claims), key=settings.CALLER_KEY, at=time.time())
        return Client(application._edge._application, headers={"X-Caller": sealed}).get("/internal/sessions/")

    def test_it_is_told_of_changes_in_the_words_of_the_bus(
        self, application: Any, log_in: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told: list[str] = []
        monkeypatch.setattr(bus, "_listeners", {"sessions": [told.append]})
        ended, changed = make_person(), make_person()
        for person in (ended, changed):
            log_in(person)
        with TestCase.captureOnCommitCallbacks(execute=True):
            actions.end_all_sessions(user_id=ended.id, reason=EndReason.SUSPENDED, now=now())
            actions.distrust_tokens(user_id=changed.id, now=now())
        sessions = {session.user_id: session.id for session in Session.objects.all()}
        words = [f"{sessions[ended.id]} ended", f"{sessions[changed.id]} 1"]
        assert told == words
        assert self.ask(application).json == {"changes": words}

    def test_nobody_else_is(self, application: Any) -> None:
        assert self.ask(application, scopes=frozenset({"verified"})).status == 404
        assert Client(application._edge._application).get("/internal/sessions/").status == 401
        assert Client(application).get("/internal/sessions/").status == 401
