"""The proxy as a process: without Django, and ended under load without a request lost (R29)."""

import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from aiohttp import web

from config.env import ROOT
from tests.gateway.running import HOST, Loop, auth_service, service
from tests.support.instances.server import free_port

_auth = auth_service(list)


def test_it_needs_no_django():
    code = """
import sys, config.proxy
print([name for name in ("django", "rest_framework", "psycopg", "celery", "kombu") if name in sys.modules])
"""
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


async def answer(request: web.BaseRequest) -> web.StreamResponse:
    """A service with some work to do for each request."""
    if not request.path.startswith("/api/"):
        return await _auth(request)
    body = await request.read()
    for _ in range(20):
        await asyncio.sleep(0)
    return web.Response(body=body)


@contextmanager
def process(address: str, *, notice: str = "1") -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    environment = {
        "PATH": os.defpath,
        "SECRET_KEY": "a-secret-of-thirty-two-characters-or-more",
        "SITE_URL": "https://learn.example.org",
        "LEARNINGHUB_SERVICES": address,
        "LEARNINGHUB_DRAIN": notice,
    }
    command = [sys.executable, "-m", "config.proxy", "--host", HOST, "--port", str(port)]
    started = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while readiness(port) != 200:
            assert time.monotonic() < deadline
            assert started.poll() is None
        yield started, port
    finally:
        started.kill()
        started.wait()


def readiness(port: int) -> int:
    """What the probe is answered; 0 where nobody does."""
    line = http.client.HTTPConnection(HOST, port, timeout=5)
    with closing(line):
        try:
            line.request("GET", "/readyz", headers={"Host": "10.1.2.3"})
            return line.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0


class Visitor(threading.Thread):
    """Asks again and again on connections that it keeps, and looks for another proxy when it hears of an end."""

    def __init__(self, port: int, number: int, told: threading.Event) -> None:
        super().__init__()
        self._port, self._number, self._told = port, number, told
        self.done = 0
        self.failed: list[str] = []

    def run(self) -> None:
        while not self._told.is_set():
            line = http.client.HTTPConnection(HOST, self._port, timeout=10)
            with closing(line):
                while self._ask(line):
                    pass

    def _ask(self, line: http.client.HTTPConnection) -> bool:
        """One request; whether the connection is good for another."""
        body = json.dumps({"visitor": self._number, "request": self.done}).encode()
        try:
            line.request("POST", "/api/v1/courses/", body=body)
            answer = line.getresponse()
            if (answer.status, answer.read()) != (200, body):
                self.failed.append(f"status {answer.status}")
        except OSError as error:
            self.failed.append(repr(error))
            return False
        self.done += 1
        return answer.getheader("Connection") != "close" and not self._told.is_set()


def test_it_ends_under_load_without_losing_a_request(loop: Loop):
    told = threading.Event()
    with service(loop, answer) as address, process(address) as (started, port):
        visitors = [Visitor(port, number, told) for number in range(8)]
        for visitor in visitors:
            visitor.start()
        while min(visitor.done for visitor in visitors) < 10:
            threading.Event().wait(0.01)
        started.send_signal(signal.SIGTERM)
        while readiness(port) != 503:
            pass
        told.set()  # as a load balancer learns it by the probe
        for visitor in visitors:
            visitor.join()
        assert started.wait(timeout=20) == 0
    assert [visitor.failed for visitor in visitors] == [[]] * 8
    assert sum(visitor.done for visitor in visitors) > 80


def test_a_second_signal_cuts_the_notice_short(loop: Loop):
    with service(loop, answer) as address, process(address, notice="60") as (started, port):
        started.send_signal(signal.SIGTERM)
        while readiness(port) == 200:
            pass
        started.send_signal(signal.SIGTERM)
        assert started.wait(timeout=10) == 0


def test_a_request_under_way_is_answered_though_nobody_else_is(loop: Loop):
    with service(loop, answer) as address, process(address, notice="0") as (started, port):
        line = http.client.HTTPConnection(HOST, port, timeout=10)
        with closing(line):
            line.putrequest("POST", "/api/v1/courses/")
            line.putheader("Content-Length", "10")
            line.endheaders(b"first")
            assert readiness(port) == 200
            started.send_signal(signal.SIGTERM)
            while readiness(port):
                pass
            line.send(b"later")
            found = line.getresponse()
            assert (found.status, found.read(), found.getheader("Connection")) == (200, b"firstlater", "close")
        assert started.wait(timeout=10) == 0
