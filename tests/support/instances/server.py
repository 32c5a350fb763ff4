"""What every throw-away server has: a port, a folder, and ways to stop, kill and freeze it."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import psutil
import pytest

PORTS = range(20000, 32000)  # below those that connections are given: a stopped server finds its port free again
PATIENCE_S = 60.0

_guards: dict[int, subprocess.Popen[str]] = {}  # by the process that started it: a fork needs its own


def needs(*programs: str | Path) -> None:
    """Skips the test where one of the programs is missing."""
    missing = [str(program) for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


def free_port() -> int:
    """A port nobody listens on."""
    while True:
        port = random.choice(PORTS)  # noqa: S311
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def until(holds: Callable[[], object], lack: str, *, seconds: float = PATIENCE_S) -> None:
    """Waits until it holds; raises TimeoutError with the words of what is lacking."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(lack)
        time.sleep(0.02)


@contextmanager
def folder(kind: str) -> Iterator[Path]:
    """A temporary folder, deleted at the end even if this process is killed. Others than its owner may pass through."""
    path = Path(tempfile.mkdtemp(prefix=f"hub-{kind}-", dir="/tmp"))
    tell_guard(f"+folder {path}")
    try:
        path.chmod(0o711)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        tell_guard(f"-folder {path}")


def tell_guard(line: str) -> None:
    guard = _guards.get(os.getpid())
    if guard is None:
        program = [sys.executable, "-I", str(Path(__file__).with_name("guard.py"))]
        guard = subprocess.Popen(program, stdin=subprocess.PIPE, text=True, bufsize=1, start_new_session=True)
        guard.returncode = 0  # it outlives us on purpose: nobody shall wait for it
        _guards[os.getpid()] = guard
    assert guard.stdin is not None
    guard.stdin.write(line + "\n")


class Server:
    """A server process. `stop` is polite, `kill` is kill -9; both return when it is gone, and `start` may follow."""

    polite = signal.SIGTERM
    at_our_death = signal.SIGTERM

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def command(self) -> Sequence[str | Path]:
        raise NotImplementedError

    def environment(self) -> Mapping[str, str]:
        return os.environ

    def user(self) -> str | None:
        """Who it runs as; None is who we are."""
        return None

    def answers(self) -> bool:
        raise NotImplementedError

    @property
    def pid(self) -> int:
        assert self._process is not None, "it does not run"
        return self._process.pid

    def start(self) -> None:
        """Returns when it answers."""
        assert self._process is None, "it runs"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), cwd=self.folder, env=dict(self.environment()), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, user=self.user(),
                extra_groups=[] if self.user() else None,
            )  # fmt: skip
        tell_guard(f"+process {self.pid} {int(self.at_our_death)}")
        process = self._process
        try:
            until(lambda: process.poll() is not None or self.answers(), "does not answer")
        except TimeoutError:
            self.kill()
            raise TimeoutError(self._words("did not answer")) from None
        if process.poll() is not None:
            self._forget()
            raise RuntimeError(self._words("ended by itself"))

    def stop(self) -> None:
        self.thaw()
        os.kill(self.pid, self.polite)
        self._wait()

    def kill(self) -> None:
        """As when the machine loses power, but for the disk's cache."""
        for process in self._all():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._wait()

    def freeze(self) -> None:
        """Stands still: connections stay open and nothing answers."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def end(self) -> None:
        """Away with it, in whatever state it is."""
        if self._process is None:
            return
        self.thaw()
        every = self._all()
        with contextlib.suppress(TimeoutError, ProcessLookupError):
            os.kill(self.pid, self.at_our_death)
            until(lambda: self._process is None or self._process.poll() is not None, "", seconds=5)
        for process in every:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._wait()

    def _wait(self, *, seconds: float = PATIENCE_S) -> None:
        process = self._process
        assert process is not None
        until(lambda: process.poll() is not None, self._words("does not stop"), seconds=seconds)
        self._forget()

    def _forget(self) -> None:
        tell_guard(f"-process {self.pid}")
        self._process = None

    def _all(self) -> list[psutil.Process]:
        try:
            main = psutil.Process(self.pid)
            return [main, *main.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _signal_all(self, word: signal.Signals) -> None:
        for process in self._all():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(word)

    def _words(self, what: str) -> str:
        said = self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""
        return f"{type(self).__name__} on port {self.port} {what}\n{said}"
