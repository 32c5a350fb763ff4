"""A real mail server for the tests that need one."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.smtp import SmtpSink


@pytest.fixture
def sink(settings: Any, db: None) -> Iterator[SmtpSink]:
    """An SMTP server on a socket, and the house set to send through it."""
    with SmtpSink() as server:
        settings.EMAIL_BACKEND = "apps.notifications.clients.SmtpBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        yield server
