"""A worker as `manage.py work` runs it, which also knows jobs that fail, die and wait on request."""

import os
import signal
import socket
import sys
import time
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402  as below
from django.db import connection  # noqa: E402

from apps.users.events import UserRegistered  # noqa: E402  needs the settings
from config import celery, working  # noqa: E402
from learninghub.broker import receiving  # noqa: E402
from learninghub.db.postgresql.base import TransactionTooLong  # noqa: E402
from learninghub.events import handles  # noqa: E402
from learninghub.jobs import Later, job  # noqa: E402
from learninghub.outbox import crash  # noqa: E402
from learninghub.outbox.models import InboxEntry  # noqa: E402


@job("tests.note", queue="users")
def note(file: str, word: str) -> None:
    with Path(file).open("a") as paper:
        paper.write(f"{word}\n")


@job("tests.fail", queue="users")
def fail(file: str) -> None:
    note(file, "failed")
    raise RuntimeError("on purpose")


@job("tests.dawdle", queue="users")
def dawdle(file: str) -> None:
    note(file, "dawdled")
    raise TransactionTooLong


@job("tests.hang_up", queue="users")
def hang_up(file: str) -> None:
    """What a message sees of which PostgreSQL dies."""
    note(file, "hung up")
    connection.ensure_connection()
    with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
    InboxEntry.objects.exists()


@job("tests.later", queue="users")
def later(file: str) -> None:
    note(file, "not yet")
    raise Later("not yet", wait=timedelta(hours=5))


@job("tests.die", queue="users")
def die(file: str) -> None:
    note(file, "died")
    os.kill(os.getpid(), signal.SIGKILL)


@job("tests.stand", queue="users")
def stand(file: str) -> None:
    note(file, "stands")
    while not Path(f"{file}.go").exists():
        time.sleep(0.02)
    note(file, "goes")


def hear(event: UserRegistered) -> None:
    """Says so on the sheet whose path is the person's name, and in the database."""
    note(event.display_name, "heard")
    InboxEntry.objects.create(message_id=event.user_id, handler="tests.trace")


hear.__module__ = "apps.users.handlers"
handles(UserRegistered)(hear)


def make_impatient() -> None:
    """Soon gives up on a database that is away, and on jobs when told to end."""
    settings.DATABASES["default"]["OPTIONS"]["pool"]["timeout"] = 0.2
    receiving._LONGEST_ABSENCE_S = 0.1
    celery.app.conf.worker_soft_shutdown_timeout = 0.5


if __name__ == "__main__":
    if "--impatient" in sys.argv:
        make_impatient()
    for orders in sys.argv[1:]:
        crash.obey(Path(orders))
    sys.exit(working.work(["users"], concurrency=2))
