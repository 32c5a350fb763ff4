"""What the tests of auth share."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.users.types import Person
from tests.support.http import Answer, Client
from tests.support.people import PASSWORD, email_of


@pytest.fixture
def log_in(application: Callable[..., Any]) -> Callable[..., Answer]:
    """Logs a person in over HTTP, from some address."""

    def log_in(person: Person, *, password: str = PASSWORD, address: str = "203.0.113.7", agent: str = "") -> Answer:
        client = Client(application, address=address, headers={"User-Agent": agent} if agent else {})
        return client.post("auth/token/", json={"email": email_of(person), "password": password})

    return log_in


@pytest.fixture
def with_token(application: Callable[..., Any]) -> Callable[[str], Client]:
    """A client that speaks with this access token."""
    return lambda token: Client(application, token=token)
