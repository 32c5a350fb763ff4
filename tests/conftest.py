"""Fixtures for every test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

from learninghub import caching
from learninghub.http.edge_cache import EdgeCache
from tests.support import facts, load
from tests.support.http import Client
from tests.support.instances import Rabbit, rabbitmq
from tests.support.shared_redis import breaker_clock, redis_at, shared_redis  # noqa: F401  fixtures
from tests.support.stripe import _stripe_server, stripe_sandbox  # noqa: F401

# A loaded machine is no reason to call a property slow.
settings.register_profile("house", parent=settings(), deadline=None)
settings.load_profile("house")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where tests run on several cores: a file at a time, and all journeys on one, which start one fleet."""
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415  only where xdist is at work

    class AFleetAtMost(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            folder = "tests/journeys/"
            return folder if nodeid.startswith(folder) else str(super()._split_scope(nodeid))

    return AFleetAtMost(config, log)


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
    from tests.support.people import access_token  # noqa: PLC0415

    return lambda person: Client(application, token=access_token(person))


deliver_all = pytest.fixture(lambda db: facts.deliver_all, name="deliver_all")
published = pytest.fixture(lambda db: facts.published, name="published")
queries_of = pytest.fixture(lambda db: load.queries_of, name="queries_of")
race = pytest.fixture(lambda: load.race, name="race")
