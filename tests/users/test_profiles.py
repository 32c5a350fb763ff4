"""Public profiles with Redis: read once for many, and never later than a change."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import TestCase

from apps.users import api as users
from apps.users.actions import accounts
from apps.users.types import Person, Role
from learninghub import caching
from learninghub.clock import now
from learninghub.redis import Client as RedisClient
from tests.support.http import Client
from tests.support.instances import RedisCluster, RedisServer
from tests.support.people import email_of, make_person
from tests.support.shared_redis import away, keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Person:
    return make_person(roles={"instructor"}, display_name="Ada")


def shown(client: Client, person: Person) -> tuple[int, Any, Any]:
    answer = client.get(f"users/{person.id}/")
    return answer.status, answer.json.get("display_name"), answer.json.get("is_instructor")


def rename(person: Person, by: Person) -> None:
    accounts.change_profile(user_id=person.id, now=now(), display_name="Ada Lovelace")


def revoke(person: Person, by: Person) -> None:
    users.revoke_role(user_id=person.id, role=Role.INSTRUCTOR, by=by.id, now=now())


def suspend(person: Person, by: Person) -> None:
    users.suspend(user_id=person.id, by=by.id, reason="spam", now=now())


def reinstate(person: Person, by: Person) -> None:
    suspend(person, by)
    users.reinstate(user_id=person.id, by=by.id, reason="a mistake", now=now())


def test_one_read_serves_all_and_holds_what_all_may_see(
    shared_redis: RedisClient, redis_at: RedisServer | RedisCluster, client: Client, queries_of: Any, person: Person
):
    first = client.get(f"users/{person.id}/").json
    assert queries_of(lambda: client.get(f"users/{person.id}/")) == 0
    caching.forget_near()
    assert queries_of(lambda: client.get(f"users/{person.id}/")) == 0
    assert client.get(f"users/{person.id}/").json == first
    name = f"v1:users:profile:{person.id}:anon"
    assert email_of(person).encode() not in keys(redis_at)[name]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (rename, (200, "Ada Lovelace", True)),
        (revoke, (200, "Ada", False)),
        (suspend, (404, None, None)),
        (reinstate, (200, "Ada", True)),
    ],
)
def test_a_change_shows_at_once(
    shared_redis: RedisClient,
    client: Client,
    person: Person,
    change: Callable[[Person, Person], None],
    expected: tuple[int, Any, Any],
):
    assert shown(client, person) == (200, "Ada", True)
    with TestCase.captureOnCommitCallbacks(execute=True):
        change(person, make_person(roles={"staff"}))
    assert shown(client, person) == expected


def test_without_raising_the_version_it_would_not(
    shared_redis: RedisClient, client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
):
    shown(client, person)
    monkeypatch.setattr(caching, "bump", lambda _: None)
    with TestCase.captureOnCommitCallbacks(execute=True):
        rename(person, person)
    assert shown(client, person) == (200, "Ada", True)


def test_a_new_role_shows_at_once(shared_redis: RedisClient, client: Client, as_user: Any):
    learner = make_person(display_name="Bob")
    assert shown(client, learner) == (200, "Bob", False)
    assert as_user(learner).post("users/me/teaching/").status == 200
    assert shown(client, learner) == (200, "Bob", True)


@pytest.mark.parametrize("fault", ["stopped", "emptied", "frozen"])
def test_it_is_read_from_its_row_while_redis_is_away(
    shared_redis: RedisClient, redis_at: RedisServer | RedisCluster, client: Client, person: Person, fault: str
):
    shown(client, person)
    caching.forget_near()
    with away(redis_at, fault):
        assert shown(client, person) == (200, "Ada", True)
