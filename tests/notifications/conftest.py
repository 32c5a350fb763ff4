"""A real mail server for the tests that need one."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.notifications import clients
from learninghub.breaker import Breaker
from sandbox.smtp import SmtpSink


@pytest.fixture
def sink(settings: Any, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmtpSink]:
    """An SMTP server on a socket that has never failed, and the house set to send through it."""
    monkeypatch.setattr(clients, "server", Breaker("smtp"))
    with SmtpSink() as server:
        settings.EMAIL_BACKEND = "apps.notifications.clients.SmtpBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        yield server
