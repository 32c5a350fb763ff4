"""A service that is told to end while requests come in: none of them fails (R29)."""

import http.client
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Self

import pytest

from tests.support.instances.server import until
from tests.support.services import Running, environment, refused, service

PAGE = "/.well-known/jwks.json"
SERVICE = "auth-service"
CLIENTS = 4
ENOUGH = 100


@dataclass
class Load:
    """Clients that keep their connections and ask whoever was ready of late, as behind a load balancer."""

    services: Sequence[Running]
    ready: set[int] = field(default_factory=set)
    answers: Counter[tuple[int, int | str]] = field(default_factory=Counter)
    is_over: threading.Event = field(default_factory=threading.Event)
    has_changed: threading.Condition = field(default_factory=threading.Condition)

    def __enter__(self) -> Self:
        self.look()
        self._threads = [threading.Thread(target=work) for work in (self._keep_looking, *[self._ask] * CLIENTS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        for thread in self._threads:
            thread.join()

    @property
    def failures(self) -> dict[tuple[int, int | str], int]:
        return {what: count for what, count in self.answers.items() if what[1] != 200}

    def look(self) -> None:
        self.ready = {number for number, running in enumerate(self.services) if running.status("/readyz") == 200}

    def await_answers(self, number: int) -> None:
        """Returns once the service has answered a good many requests more."""
        wanted = self.answers[number, 200] + ENOUGH
        with self.has_changed:
            assert self.has_changed.wait_for(lambda: self.answers[number, 200] >= wanted, timeout=30)

    def _keep_looking(self) -> None:
        while not self.is_over.wait(0.05):
            self.look()

    def _ask(self) -> None:
        lines = [running.connect() for running in self.services]
        for number in cycle(range(len(lines))):
            if self.is_over.is_set():
                break
            if number not in self.ready:
                continue
            try:
                lines[number].request("GET", PAGE)
                with lines[number].getresponse() as answer:
                    answer.read()
                what: int | str = answer.status
            except (OSError, http.client.HTTPException) as why:
                what = type(why).__name__
                lines[number].close()
            with self.has_changed:
                self.answers[number, what] += 1
                self.has_changed.notify_all()
        for line in lines:
            line.close()


def test_no_request_fails_while_one_of_two_ends_and_says_so_first():
    with service(SERVICE, count=2, LEARNINGHUB_DRAIN="1") as (ending, staying), Load([ending, staying]) as load:
        load.await_answers(0)
        load.await_answers(1)
        kept = ending.connect()
        before = ask(kept)
        ending.end()
        until(lambda: ending.status("/readyz") == 503, "it does not say that it leaves")
        assert (ending.status("/healthz"), ending.status(PAGE)) == (200, 200)
        last = ask(kept)
        assert (before.will_close, last.status, last.will_close) == (False, 200, True)
        assert ending.wait() == 0
        assert ending.status("/healthz") is None
        load.await_answers(1)
    assert load.failures == {}


def test_without_that_notice_the_next_request_fails_but_one_that_has_begun_is_answered():
    with service(SERVICE, LEARNINGHUB_DRAIN="0") as [ending]:
        kept, slow = ending.connect(), ending.connect()
        assert not ask(kept).will_close
        slow.putrequest("POST", "/api/v1/auth/token/")
        slow.putheader("Content-Type", "application/json")
        slow.putheader("Content-Length", "10")
        slow.putheader("Expect", "100-continue")
        slow.endheaders()
        assert b"100 Continue" in slow.sock.recv(100)  # so that it surely has begun
        slow.send(b"[1, 2")
        ending.end()
        until(lambda: not ending.listens(), "it still listens")
        with pytest.raises(ConnectionError):
            ask(kept)
        assert ending.process.poll() is None
        slow.send(b", 3] ")
        assert slow.getresponse().status == 400
        assert ending.wait() == 0


def ask(line: http.client.HTTPConnection) -> http.client.HTTPResponse:
    line.request("GET", PAGE)
    answer = line.getresponse()
    answer.read()
    return answer


def test_one_service_alone_does_not_make_up_what_all_must_share(tmp_path: Path):
    without = {name: value for name, value in environment().items() if name != "SECRET_KEY"}
    said = refused(SERVICE, without | {"LEARNINGHUB_VAR": str(tmp_path)})
    assert "Setting SECRET_KEY: needed for a single service" in said
