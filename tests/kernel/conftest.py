"""What the kernel's tests share."""

from collections.abc import Callable

import pytest
from django.core.handlers.wsgi import WSGIHandler

from learninghub.http.edge_cache import EdgeCache
from tests.support.http import Client


@pytest.fixture(scope="session")
def django() -> Callable[..., object]:
    return EdgeCache(WSGIHandler())


@pytest.fixture
def service(django: Callable[..., object], db: None) -> Client:
    """A client of Django without the gateway in front."""
    return Client(django)
