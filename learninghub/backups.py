"""Dumps of the whole database in a bucket of their own, each with a note of what it must hold; and the way back."""

import contextlib
import hashlib
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import boto3  # type: ignore[import-untyped]
import orjson
import psycopg
from boto3.s3.transfer import TransferConfig  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]
from django.conf import settings
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

_Program = subprocess.Popen[bytes]
_PIECE = 16 * 1024 * 1024  # two are in memory; S3 takes ten thousand, so a dump may have 160 GB
_PATIENT = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
_COUNTED = (
    "select schemaname, tablename from pg_tables"
    " where schemaname not in ('pg_catalog', 'information_schema') order by schemaname, tablename"
)


class Failed(Exception):
    """The dump was not made, or not restored; the words say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Lies beside a dump once that is whole: a dump without a note does not count."""

    key: str
    sha256: str
    size: int
    made_at: str
    server: str
    rows: dict[str, int]


def make(*, now: datetime) -> Note:
    """Dumps the database as it is at one moment, streamed into the bucket; raises Failed.

    The rows of each table are counted in the very snapshot that is dumped. A dump that breaks off leaves no object.
    """
    objects = _objects()
    key = f"postgres/{now:%Y-%m-%dT%H%M%SZ}.dump"
    with _snapshot() as (snapshot, database):
        rows = _count(database)
        server = str(database.info.parameter_status("server_version"))
        program = _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", stdout=subprocess.PIPE)
        dump = _Dump(program)
        with _killed_where_we_fail(program):
            objects.upload_fileobj(
                dump,
                settings.BACKUP_BUCKET,
                key,
                Config=TransferConfig(multipart_threshold=_PIECE, multipart_chunksize=_PIECE, use_threads=False),
            )
    note = Note(key=key, sha256=dump.sha256, size=dump.size, made_at=now.isoformat(), server=server, rows=rows)
    objects.put_object(
        Bucket=settings.BACKUP_BUCKET,
        Key=f"{key}.json",
        Body=orjson.dumps(asdict(note)),
        ContentType="application/json",
    )
    return note


def restore(*, key: str) -> Note:
    """Fills the empty database from a dump, all or nothing, and counts what is there; raises Failed."""
    objects = _objects()
    note = Note(**orjson.loads(objects.get_object(Bucket=settings.BACKUP_BUCKET, Key=f"{key}.json")["Body"].read()))
    with _connect() as database:
        if database.execute(_COUNTED).fetchone():
            raise Failed("This database has tables: a dump is restored into an empty one, beside what runs.")
    body = objects.get_object(Bucket=settings.BACKUP_BUCKET, Key=key)["Body"]
    words = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    program = _run("pg_restore", *words, f"--dbname={_address()['dbname']}", stdin=subprocess.PIPE)
    with contextlib.suppress(BrokenPipeError), _killed_where_we_fail(program):  # a broken pipe: its exit code says why
        _feed(body, program, sha256=note.sha256)
    _refuse_failure(program)
    with _connect() as database:
        found = _count(database)
    if wrong := {name for name in note.rows | found if note.rows.get(name) != found.get(name)}:
        raise Failed(f"Restored, but these tables have not the rows that were dumped: {', '.join(sorted(wrong))}.")
    return note


class _Dump:
    """What pg_dump says, read to its good end: where it fails, reading fails, so that no part passes for the whole."""

    def __init__(self, program: _Program) -> None:
        self._program = program
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def read(self, amount: int = -1) -> bytes:
        assert self._program.stdout is not None  # noqa: S101
        piece: bytes = self._program.stdout.read(amount)
        self._digest.update(piece)
        self.size += len(piece)
        if amount < 0 or len(piece) < amount:
            self._program.wait()
            _refuse_failure(self._program)
        return piece


def _feed(body: Any, program: _Program, *, sha256: str) -> None:
    """The last piece is given only when the sum of all is right: without it pg_restore cannot commit."""
    digest, held = hashlib.sha256(), b""
    for piece in body.iter_chunks(_PIECE):
        digest.update(piece)
        _give(program, held)
        held = piece
    if digest.hexdigest() != sha256:
        raise Failed("The dump is not the one that was made: its SHA-256 is another. Nothing was restored.")
    _give(program, held)


def _give(program: _Program, piece: bytes) -> None:
    assert program.stdin is not None  # noqa: S101
    program.stdin.write(piece)
    program.stdin.flush()


@contextlib.contextmanager
def _snapshot() -> Iterator[tuple[str, psycopg.Connection[Any]]]:
    """A moment of the database, by the name under which pg_dump finds it, held for as long as the block lasts."""
    with _connect() as database:
        database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        database.read_only = True
        ((name,),) = database.execute("select pg_export_snapshot()").fetchall()
        yield name, database


def _count(database: psycopg.Connection[Any]) -> dict[str, int]:
    counts = {}
    for schema, table in database.execute(_COUNTED).fetchall():
        query = sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))
        ((counts[f"{schema}.{table}"],),) = database.execute(query).fetchall()
    return counts


def _run(program: str, *words: str, stdin: int | None = None, stdout: int | None = None) -> _Program:
    """PostgreSQL's own program on our database. Its complaints go where ours go."""
    found = shutil.which(program)
    if found is None:
        raise Failed(f"{program} is not installed (Debian: postgresql-client).")
    # As variables, libpq's address is in no list of processes.
    address = {f"PG{'DATABASE' if name == 'dbname' else name.upper()}": value for name, value in _address().items()}
    return subprocess.Popen([found, *words], env=address, stdin=stdin, stdout=stdout)  # noqa: S603


@contextlib.contextmanager
def _killed_where_we_fail(program: _Program) -> Iterator[None]:
    with program:
        try:
            yield
        except BaseException:
            program.kill()
            raise


def _refuse_failure(program: _Program) -> None:
    if program.returncode != 0:
        raise Failed(f"{shlex.join(program.args)} ended with {program.returncode}.")  # type: ignore[arg-type]


def _connect() -> psycopg.Connection[Any]:
    # Named, as a database of no encoding would else answer with bytes.
    return psycopg.connect(make_conninfo(**_address(), client_encoding="utf8", options=_PATIENT))


def _address() -> dict[str, str]:
    """The database as libpq names its parts."""
    own = connection.settings_dict
    parts = {"dbname": own["NAME"], "user": own["USER"], "password": own["PASSWORD"], "host": own["HOST"]}
    parts |= {"port": own["PORT"]} | {name: value for name, value in own["OPTIONS"].items() if name != "pool"}
    return {name: str(value) for name, value in parts.items() if value}


def _objects() -> Any:
    if not settings.BACKUP_BUCKET:
        raise Failed("S3_BACKUP_BUCKET names no bucket.")
    config = Config(
        signature_version="s3v4",
        retries={"mode": "standard", "total_max_attempts": 5},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"} if settings.S3["endpoint_url"] else {},
    )
    return boto3.session.Session().client("s3", config=config, **settings.S3)
