"""What the kernel's tests share."""

import os
from collections.abc import Callable

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from learninghub.http.edge_cache import EdgeCache
from tests.support.http import Client

SECRET = "a-secret-of-thirty-two-characters-or-more"


@pytest.fixture(scope="session")
def service_environment() -> dict[str, str]:
    """What a process started as one service needs."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "SECRET_KEY": SECRET,
        "JWT_SIGNING_KEYS": settings.JWT_SIGNING_KEYS[0],
        "SITE_URL": "https://learn.example.org",
    }


@pytest.fixture(scope="session")
def django() -> Callable[..., object]:
    return EdgeCache(WSGIHandler())


@pytest.fixture
def service(django: Callable[..., object], db: None) -> Client:
    """A client of Django without the gateway in front."""
    return Client(django)
