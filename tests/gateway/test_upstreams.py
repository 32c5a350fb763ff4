"""Services that are slow, dead or half dead: what their clients are told, when, and how often they are asked."""

import asyncio
import http.client
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from apps.gateway.dataplane.settings import Deadlines
from learninghub.breaker import FEWEST_CALLS
from tests.gateway.running import HOST, Loop, Running, auth_service, proxy, service
from tests.support.http import Answer

_auth = auth_service(list)
NOBODY = "http://127.0.0.1:9"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"


@dataclass
class Scripted:
    """A service that sends on each connection what the script says for each request, and hangs up after half a head."""

    script: list[list[bytes]]
    asked: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers = self.script.pop(0) if self.script else []
        with closing(writer), suppress(asyncio.IncompleteReadError, ConnectionError):
            for answer in answers:
                head = await reader.readuntil(b"\r\n\r\n")
                self.asked.append(head.split(b" ", 1)[0])
                writer.write(answer)
                if b"\r\n\r\n" not in answer:
                    return
            await reader.read()


@contextmanager
def scripted(loop: Loop, *script: list[bytes], others: str = NOBODY) -> Iterator[tuple[Scripted, Running]]:
    """The proxy before such a service, which the admin's pages are then found at, and the others."""
    service = Scripted(list(script))

    async def start() -> asyncio.Server:
        return await asyncio.start_server(service.serve, HOST, 0)

    async def stop(server: asyncio.Server) -> None:
        server.close()

    server = loop.run(start())
    address = f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
    try:
        with proxy(loop, service_address=others, pages_address=address) as running:
            yield service, running
    finally:
        loop.run(stop(server))


@pytest.fixture
def before(loop: Loop) -> Iterator[Callable[..., Running]]:
    """Starts the proxy before a service that answers with the handler."""
    with ExitStack() as stack:

        def start(handler: Any, **changes: Any) -> Running:
            async def answer(request: web.BaseRequest) -> web.StreamResponse:
                return await (handler if request.path.startswith("/api/") else _auth)(request)

            address = stack.enter_context(service(loop, answer))
            return stack.enter_context(proxy(loop, service_address=address, **changes))

        yield start


def assert_refused(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-ID"] == answer.json["request_id"]


async def hang(request: web.BaseRequest) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response()


class TestSilence:
    def test_nobody_listens(self, loop: Loop):
        with proxy(loop, service_address=NOBODY) as running:
            answer = running.client().get("courses/")
        assert_refused(answer, 503, "unavailable")
        assert answer.headers["Retry-After"] == "5"

    def test_nobody_has_that_name(self, loop: Loop):
        with proxy(loop, service_address="http://nowhere.invalid:{port}") as running:
            assert_refused(running.client().get("courses/"), 503, "unavailable")

    def test_no_first_byte(self, before: Callable[..., Running]):
        running = before(hang, deadlines=Deadlines(silence=0.1))
        assert_refused(running.client().get("courses/"), 504, "too_slow")

    def test_no_end(self, before: Callable[..., Running]):
        running = before(hang, deadlines=Deadlines(whole=0.1))
        assert_refused(running.client().get("courses/"), 504, "too_slow")

    def test_no_place_in_the_pool(self, before: Callable[..., Running]):
        running = before(hang, connections_to_a_service=1, deadlines=Deadlines(connect=0.1, silence=10))
        first = http.client.HTTPConnection(HOST, running.port, timeout=10)
        with closing(first):
            first.request("GET", "/api/v1/courses/")
            assert_refused(running.client().get("courses/"), 503, "unavailable")

    def test_not_what_http_is(self, loop: Loop):
        with scripted(loop, [b"SSH-2.0-OpenSSH\r\n\r\n"]) as (_, running):
            assert_refused(running.client().get("/admin/"), 503, "unavailable")


class TestRepeating:
    """Only what is harmless, and only on a connection that the service had given up while it lay idle."""

    def test_a_read_on_a_stale_connection_is_asked_again(self, loop: Loop):
        with scripted(loop, [GOOD, b""], [GOOD]) as (seen, running):
            assert [running.client().get("/admin/").body for _ in range(2)] == [b"good", b"good"]
            assert seen.asked == [b"GET", b"GET", b"GET"]

    def test_a_write_is_not(self, loop: Loop):
        with scripted(loop, [GOOD, b""], [GOOD]) as (seen, running):
            assert running.client().get("/admin/").body == b"good"
            assert_refused(running.client().post("/admin/"), 503, "unavailable")
            assert seen.asked == [b"GET", b"POST"]

    def test_nor_is_a_read_with_a_body(self, loop: Loop):
        with scripted(loop, [GOOD, b""], [GOOD]) as (seen, running):
            assert running.client().get("/admin/").body == b"good"
            assert_refused(running.client().put("/admin/", {"a": 1}), 503, "unavailable")
            assert seen.asked == [b"GET", b"PUT"]

    def test_nor_is_a_read_on_a_fresh_connection(self, loop: Loop):
        with scripted(loop, [b""], [GOOD]) as (seen, running):
            assert_refused(running.client().get("/admin/"), 503, "unavailable")
            assert seen.asked == [b"GET"]


class TestBreaker:
    def test_what_failed_too_often_is_left_in_peace(self, loop: Loop):
        with scripted(loop, *[[b""]] * 100) as (seen, running):
            answers = [running.client().get("/admin/") for _ in range(FEWEST_CALLS + 5)]
            assert {answer.status for answer in answers} == {503}
            assert len(seen.asked) == FEWEST_CALLS
            assert 25 <= int(answers[-1].headers["Retry-After"]) <= 30

    def test_others_are_asked_all_the_same(self, loop: Loop):
        with service(loop, _auth) as others, scripted(loop, *[[b""]] * 100, others=others) as (_, running):
            assert {running.client().get("/admin/").status for _ in range(FEWEST_CALLS + 1)} == {503}
            assert running.client().get("courses/").json == {"keys": []}

    def test_who_was_away_is_heard_as_soon_as_they_are_back(self, loop: Loop):
        with closing(socket.create_server((HOST, 0))) as place:
            port = place.getsockname()[1]
        with proxy(loop, service_address=f"http://{HOST}:{port}") as running:
            for _ in range(FEWEST_CALLS + 5):
                assert_refused(running.client().get("courses/"), 503, "unavailable")
            with service(loop, _auth, port=port):
                assert running.client().get("courses/").status == 200

    def test_clients_that_send_badly_do_not_open_it(self, before: Callable[..., Running]):
        async def read(request: web.BaseRequest) -> web.StreamResponse:
            return web.Response(body=await request.read())

        running = before(read, deadlines=Deadlines(silence=0.02))
        for _ in range(FEWEST_CALLS + 1):
            with closing(running.connect()) as line:
                line.sendall(b"POST /api/v1/courses/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
                assert line.recv(12) == b"HTTP/1.1 408"
        assert running.client().get("courses/").status == 200
