"""One service as a pod has it: a process of its own on a free port of this machine."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from config.env import ROOT
from tests.support.instances.server import free_port, until

SECRET = "a-secret-of-thirty-two-characters-or-more"
HOST = "127.0.0.1"
PATIENCE_S = 30.0


def environment() -> dict[str, str]:
    """What a process started as one service needs."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "SECRET_KEY": SECRET,
        "JWT_SIGNING_KEYS": settings.JWT_SIGNING_KEYS[0],
        "SITE_URL": "https://learn.example.org",
    }


@dataclass
class Running:
    """A service that is ready, until it is told to end."""

    process: subprocess.Popen[bytes]
    port: int

    def connect(self) -> http.client.HTTPConnection:
        """A connection that is used again and again, as long as the service lets it."""
        return http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_S)

    def status(self, path: str) -> int | None:
        """The status of one request; None where nobody listens any more."""
        line = self.connect()
        try:
            line.request("GET", path)
            return line.getresponse().status
        except OSError:
            return None
        finally:
            line.close()

    def listens(self) -> bool:
        """Whether a connection can be made, be it answered or not."""
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Its exit code."""
        return self.process.wait(PATIENCE_S)


@contextmanager
def service(name: str, *, count: int = 1, **variables: str) -> Iterator[list[Running]]:
    """`manage.py serve NAME` as often as wanted, all of them ready; `variables` are added to their environment."""
    started = [_start(name, free_port(), environment() | variables) for _ in range(count)]
    try:
        for running in started:
            until(lambda running=running: running.status("/readyz") == 200, f"{name} is not ready")
        yield started
    finally:
        for running in started:
            running.process.kill()
            running.process.wait()


def _start(name: str, port: int, variables: Mapping[str, str]) -> Running:
    command = [sys.executable, "manage.py", "serve", name, "--host", HOST, "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=dict(variables), stderr=subprocess.DEVNULL)
    return Running(process, port)


def refused(name: str, variables: Mapping[str, str]) -> str:
    """What `manage.py serve NAME` has to say before it ends at once with an error."""
    command = [sys.executable, "manage.py", "serve", name]
    done = subprocess.run(command, cwd=ROOT, env=dict(variables), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    return done.stderr
