"""Whether the time of an answer tells who has an account; with the real hash, and a control that must be caught."""

import random
import time
from collections.abc import Callable
from itertools import count
from statistics import median
from typing import Any

import pytest
from django.conf import settings as configured

from config.settings import identity
from tests.support.http import Client
from tests.support.people import email_of, make_person

pytestmark = pytest.mark.django_db

PAIRS = 40
NOTICEABLE_S = 0.005
_addresses = count(1)


@pytest.fixture(autouse=True)
def _real_hash(settings: Any) -> None:
    settings.PASSWORD_HASHERS = identity.PASSWORD_HASHERS
    assert configured.PASSWORD_HASHERS == ["apps.users.models.OwaspArgon2Hasher"]


def guess(application: Callable[..., Any], email: str) -> float:
    """The work that one wrong guess costs this thread: what the clock shows, less the noise of a busy machine."""
    client = Client(application, address=f"198.51.{next(_addresses) % 250}.9")
    began = time.thread_time()
    assert client.post("auth/token/", json={"email": email, "password": "a wrong guess"}).status == 401
    return time.thread_time() - began


def differ(known: list[float], unknown: list[float]) -> bool:
    """Whether the medians are 5 ms apart and chance alone would part them so in less than one of a hundred cases."""
    found = abs(median(known) - median(unknown))
    if found < NOTICEABLE_S:
        return False
    dice, pool, as_far = random.Random(7), known + unknown, 0  # noqa: S311  statistics, no secret
    for _ in range(500):
        dice.shuffle(pool)
        as_far += abs(median(pool[: len(known)]) - median(pool[len(known) :])) >= found
    return as_far / 500 < 0.01


def interleaved(application: Callable[..., Any]) -> tuple[list[float], list[float]]:
    email = email_of(make_person())
    known, unknown = [], []
    for number in range(PAIRS):
        known.append(guess(application, email))
        unknown.append(guess(application, f"nobody{number % 4}@example.org"))
    return known, unknown


def test_the_time_of_a_log_in_does_not_tell_who_is_known(application: Any) -> None:
    assert not differ(*interleaved(application))


def test_without_the_dummy_hash_it_would(application: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("apps.users.actions.passwords.make_password", lambda _: "")

    assert differ(*interleaved(application))


def test_a_log_in_takes_as_many_statements_for_known_and_unknown(application: Any, queries_of: Any) -> None:
    email = email_of(make_person())

    assert queries_of(lambda: guess(application, email)) == queries_of(lambda: guess(application, "no@example.org"))
