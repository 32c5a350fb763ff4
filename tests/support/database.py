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
