"""Every story twice: in one process, and against the fleet of processes over HTTP."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail

from tests.support import facts, fleet
from tests.support.http import Client, Mail


@pytest.fixture(scope="session")
def the_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[fleet.Fleet]:
    with fleet.running(tmp_path_factory.mktemp("fleet")) as running:
        yield running


@pytest.fixture(params=["one-process", "fleet"])
def shape(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[fleet.Fleet | None]:
    """The fleet, as if nothing had happened in it; None for the one process.

    A story is marked django_db in either shape: that is how its database is known to be needed.
    """
    if request.param == "one-process":
        yield None
        return
    running: fleet.Fleet = request.getfixturevalue("the_fleet")
    running.empty()
    with django_db_blocker.unblock(), fleet.looking_into(running.database):
        yield running


@pytest.fixture
def client(shape: fleet.Fleet | None, application: Callable[..., Any]) -> Client:
    """Someone without a name."""
    return Client(shape.application if shape else application)


@pytest.fixture
def deliver_all(shape: fleet.Fleet | None) -> Callable[[], int]:
    """Returns once everything that follows from what was done has been done too."""
    return shape.settle if shape else facts.deliver_all


@pytest.fixture
def mails_to(shape: fleet.Fleet | None) -> Callable[[str], list[Mail]]:
    """The mails that came to an address, oldest first."""
    if shape:
        return shape.mails_to
    return lambda address: [Mail(sent.subject, str(sent.body)) for sent in mail.outbox if sent.to == [address]]
