"""`manage.py schedule` as a process: the next takes over from a killed one, and it ends when told."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from config.env import ROOT
from learninghub import jobs
from learninghub.clock import now
from learninghub.outbox import leading
from learninghub.outbox.models import OutboxMessage, ScheduledRun
from tests.support.database import address_of_the_test_database
from tests.support.instances import postgres
from tests.support.instances.server import until

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 20.0


@contextmanager
def schedule(url: str, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """`manage.py schedule` on that database."""
    environment = os.environ | {
        "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings", "LEARNINGHUB_VAR": str(folder / "var"),
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "manage.py", "schedule"], cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_the_killed_leaders_work_is_asked_for_by_the_next_and_once(tmp_path: Path):
    url = address_of_the_test_database()
    asked = OutboxMessage.objects.count
    standing_by = "select count(*) from pg_stat_activity where query like 'select pg_try_advisory_lock%'"
    with schedule(url, tmp_path) as first:
        until(asked, "nothing is asked for")
        until(lambda: asked() == len(jobs.all_scheduled()), "not all is asked for")
        with schedule(url, tmp_path) as second:
            until(lambda: number(standing_by), "the second does not stand by")
            ScheduledRun.objects.update(due_at=now() - timedelta(seconds=1))
            first.kill()
            until(lambda: asked() == 2 * len(jobs.all_scheduled()), "the second does not take over")
            second.send_signal(signal.SIGTERM)
            assert second.wait(LONG) == 0
    assert asked() == 2 * len(jobs.all_scheduled())


def test_told_to_end_it_does_so_within_two_seconds_though_the_database_does_not_answer(tmp_path: Path):
    with postgres() as server, schedule(server.url, tmp_path) as process:
        visits = "select count(*) from pg_stat_activity where pid <> pg_backend_pid() and client_port is not null"
        until(lambda: server.ask(visits) != [(0,)], "it does not come")
        server.freeze()
        try:
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            assert process.wait(LONG) == 0
            assert time.monotonic() - began < 2
        finally:
            server.thaw()


def number(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def test_the_lock_falls_soon_when_the_leaders_machine_is_gone():
    named = leading._own_connection()
    with psycopg.connect(**named) as session:
        values = [session.execute(f"show tcp_{name}").fetchone()[0] for name in leading._NOTICED_GONE]
    over_tcp = not str(named.get("host", "")).startswith("/")
    assert values == (["5", "2", "3"] if over_tcp else ["0", "0", "0"])
