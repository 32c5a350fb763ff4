"""People for tests: a person in one statement, and an access token in none."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from uuid import uuid4

from django.contrib.auth.hashers import make_password

from apps.auth import api as auth
from apps.users import queries
from apps.users.models import User
from apps.users.types import Person
from learninghub.clock import now

PASSWORD = "correct horse battery"
TERMS = "2026-11"
_JOINED = datetime(2026, 11, 1, 9, tzinfo=UTC)
_numbers = count(1)


def make_person(
    *,
    roles: Iterable[str] = ("student",),
    verified: bool = True,
    display_name: str = "",
    email: str = "",
    password: str = PASSWORD,
    locale: str = "en",
    time_zone: str = "UTC",
    is_active: bool = True,
) -> Person:
    """Someone who registered; verified unless said otherwise."""
    number = next(_numbers)
    user = User.objects.create(
        email=email or f"person{number}@example.org",
        display_name=display_name or f"Person {number}",
        password=make_password(password),
        roles=sorted({"student", *roles}),
        locale=locale,
        time_zone=time_zone,
        is_active=is_active,
        email_verified_at=_JOINED if verified else None,
        terms_version=TERMS,
        terms_accepted_at=_JOINED,
    )
    return queries.as_person(user)


def access_token(person: Person) -> str:
    """A token as a log-in gives it, of a session that no table knows."""
    return auth.mint_access(
        user_id=person.id,
        session_id=uuid4(),
        roles=person.roles,
        is_verified=person.is_verified,
        now=now(),
    )


def email_of(person: Person) -> str:
    """The address the person logs in with."""
    return User.objects.values_list("email", flat=True).get(id=person.id)
