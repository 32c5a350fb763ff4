"""The database of a test run: where DATABASE_URL names none, a throw-away PostgreSQL for the whole run.

Loaded by `-p` so that it acts before the settings are read; workers of pytest-xdist inherit the address.
"""

import os
import tempfile
from pathlib import Path

import pytest

from config import embedded


def _start() -> embedded.Database | None:
    if os.environ.get("DATABASE_URL"):
        return None
    database = embedded.start(Path(tempfile.mkdtemp(prefix="learning-hub-tests-")), durable=False)
    os.environ["DATABASE_URL"] = database.url
    return database


_database = _start()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    if _database is not None:
        _database.stop()


def address_of_the_test_database() -> str:
    """DATABASE_URL for a process of its own that is to see what the tests write."""
    from django.db import connection  # noqa: PLC0415  this module acts before the settings are read

    named = {"user": "", "password": "", "host": "", "port": "", **connection.get_connection_params()}
    who = f"{named['user']}:{named['password']}".rstrip(":")
    if str(named["host"]).startswith("/"):
        return f"postgres://{who}@/{named['dbname']}?host={named['host']}"
    return f"postgres://{who}@{named['host']}:{named['port'] or 5432}/{named['dbname']}"
