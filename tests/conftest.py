"""Fixtures for every test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apps.users.types import Person
from learninghub import caching
from learninghub.http.edge_cache import EdgeCache
from tests.support import facts, load
from tests.support.http import Client
from tests.support.instances import Rabbit, rabbitmq
from tests.support.people import access_token, make_person
from tests.support.shared_redis import breaker_clock, redis_at, shared_redis  # noqa: F401  fixtures
from tests.support.stores import bucket  # noqa: F401
from tests.support.stripe import _stripe_server, stripe_sandbox  # noqa: F401


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where tests run on several cores: a file at a time; all journeys on one, all faults on one, with a house each."""
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415  only where xdist is at work

    class AHouseForAll(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            folders = [folder for folder in ("tests/faults/", "tests/journeys/") if nodeid.startswith(folder)]
            return folders[0] if folders else str(super()._split_scope(nodeid))

    return AHouseForAll(config, log)


@pytest.fixture(scope="session")
def application() -> Callable[..., Any]:
    from config.wsgi import application  # noqa: PLC0415  needs the apps loaded

    return application


@pytest.fixture(autouse=True)
def _empty_caches() -> None:
    EdgeCache.clear_all()
    caching.forget_near()


@pytest.fixture(scope="session")
def rabbit() -> Iterator[Rabbit]:
    """One RabbitMQ for the whole run, as it takes long to start: take a vhost of your own."""
    with rabbitmq() as server:
        yield server


@pytest.fixture
def client(application: Callable[..., Any], db: None) -> Client:
    """Someone without a name."""
    return Client(application)


@pytest.fixture
def as_user(application: Callable[..., Any], db: None) -> Callable[[Any], Client]:
    """A client signed in as the person."""
    return lambda person: Client(application, token=access_token(person))


@pytest.fixture
def student(db: None) -> Person:
    return make_person()


@pytest.fixture
def staff(db: None) -> Person:
    return make_person(roles={"staff"})


deliver_all = pytest.fixture(lambda db: facts.deliver_all, name="deliver_all")
published = pytest.fixture(lambda db: facts.published, name="published")
queries_of = pytest.fixture(lambda db: load.queries_of, name="queries_of")
race = pytest.fixture(lambda: load.race, name="race")
