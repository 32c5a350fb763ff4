"""`make run` as a stranger has it: a fresh copy of the tree, a terminal, a port."""

import fcntl
import os
import select
import shutil
import socket
import subprocess
import sys
import termios
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import embedded

ROOT = Path(__file__).resolve().parents[2]
MAKE_RUN = ("make", "--old-file=.venv/installed-local", "run")  # the environment of the tests will do
PAGES = (
    "/readyz",
    "/api/docs/",
    "/api/redoc/",
    "/admin/login/",
    "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css",
)
OURS = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "SITE_URL")


class Terminal:
    """A program that runs in a terminal of its own."""

    def __init__(self, *command: str, cwd: Path) -> None:
        self._keyboard, screen = os.openpty()
        self.program = subprocess.Popen(
            command, cwd=cwd, env=_environment(), stdin=screen, stdout=screen, stderr=screen,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )  # fmt: skip
        os.close(screen)
        self.shown = ""

    def read_until(self, words: str, *, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while words not in self.shown and time.monotonic() < end:
            if select.select([self._keyboard], [], [], 0.1)[0]:
                try:
                    self.shown += os.read(self._keyboard, 65536).decode(errors="replace")
                except OSError:  # the last program closed the screen
                    break
        assert words in self.shown, self.shown

    def press_ctrl_c(self) -> None:
        os.write(self._keyboard, b"\x03")

    def child(self) -> int:
        return int(subprocess.check_output(["pgrep", "--parent", str(self.program.pid)]).split()[0])

    def end(self) -> None:
        if self.program.poll() is None:
            self.program.kill()
        self.program.wait()
        os.close(self._keyboard)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in OURS}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _database_is_down(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return True
    return False


def _seconds_until_free(port: int, url: str) -> float:
    began = time.monotonic()
    while not (_is_free(port) and _database_is_down(url)) and time.monotonic() - began < 10:
        time.sleep(0.05)
    return time.monotonic() - began


def _make_superuser(checkout: Path) -> None:
    password = {"DJANGO_SUPERUSER_PASSWORD": "correct horse battery staple", "DJANGO_SUPERUSER_DISPLAY_NAME": "First"}
    command = [".venv/bin/python", "manage.py", "createsuperuser", "--noinput", "--email", "first@example.org"]
    subprocess.run(command, cwd=checkout, env=_environment() | password, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    listed = subprocess.check_output(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT)
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).exists():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    yield tmp_path
    if (tmp_path / "var").exists():
        embedded.remove(tmp_path / "var")


def test_it_starts_survives_a_kill_carries_on_and_stops_by_ctrl_c(checkout: Path) -> None:
    port = _free_port()
    cut_short = Terminal(*MAKE_RUN, f"PORT={port}", cwd=checkout)
    cut_short.read_until("Tables ...")
    os.kill(cut_short.child(), 9)
    cut_short.end()

    first = Terminal(*MAKE_RUN, f"PORT={port}", cwd=checkout)
    try:
        first.read_until("Ctrl-C stops it.", seconds=180)
        for said in (
            "PostgreSQL, embedded",
            "Tables",
            "Demo catalogue",
            f"http://127.0.0.1:{port}/api/docs/",
            "Demo logins",
        ):
            assert said in first.shown
        for page in PAGES:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{page}") as answer:
                assert answer.status == 200
        _make_superuser(checkout)
        address = embedded.address(checkout / "var")
        os.kill(first.child(), 9)
        assert _seconds_until_free(port, address) < 3
    finally:
        first.end()

    second = Terminal(*MAKE_RUN, f"PORT={port}", cwd=checkout)
    try:
        second.read_until("Ctrl-C stops it.")
        assert "Demo catalogue" not in second.shown
        assert "Demo logins" in second.shown
        with psycopg.connect(address) as connection:
            assert connection.execute(
                "select email, is_superuser from users_user where email like 'first@%'"
            ).fetchall() == [("first@example.org", True)]
        second.press_ctrl_c()
        second.read_until("Stopped.", seconds=10)
        assert second.program.wait(10) == 0
        assert _seconds_until_free(port, address) < 3
    finally:
        second.end()


def _refusal(checkout: Path, *arguments: str, **variables: str) -> str:
    outcome = subprocess.run(
        [*MAKE_RUN, *arguments],
        cwd=checkout,
        env=_environment() | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 2
    assert not (checkout / "var" / "postgres").exists()
    return outcome.stderr


def test_what_it_cannot_start_with_is_named_before_anything_is_started(checkout: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        taken = _refusal(checkout, f"PORT={port}")
    assert f"Cannot listen on 127.0.0.1:{port}: Address already in use" in taken
    assert f"make run PORT={port + 1}" in taken
    assert "PORT=http is not a port; expected a number from 1 to 65535" in _refusal(checkout, "PORT=http")
    assert "Setting DATABASE_URL: expected postgres://" in _refusal(checkout, DATABASE_URL="mysql://somewhere/db")
    assert "Setting DATABASE_URI: unknown; did you mean DATABASE_URL?" in _refusal(
        checkout, DATABASE_URI="postgres://x/y"
    )


def test_clean_data_leaves_no_data(checkout: Path) -> None:
    embedded.start(checkout / "var").stop()
    home = Path(embedded.address(checkout / "var").partition("?host=")[2])
    subprocess.run(["make", "clean-data"], cwd=checkout, env=_environment(), check=True, capture_output=True)
    assert not (checkout / "var").exists()
    assert not home.exists()
