"""Bodies: passed on as they come, both ways, and never held whole."""

import asyncio
import contextlib
import http.client
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from apps.gateway.dataplane.settings import Deadlines
from tests.gateway.running import HOST, Handler, Loop, Running, auth_service, proxy, service

MEGABYTE = 1024 * 1024
# What the operating system holds of a stream between three processes on one machine, and no more.
IN_FLIGHT = 40 * MEGABYTE
_auth = auth_service(list)

Before = Callable[..., Running]


@pytest.fixture
def before(loop: Loop) -> Iterator[Before]:
    """Starts the proxy before a service that answers with the handler."""
    with contextlib.ExitStack() as stack:

        def start(handler: Handler, **changes: Any) -> Running:
            async def answer(request: web.BaseRequest) -> web.StreamResponse:
                return await (handler if request.path.startswith("/api/") else _auth)(request)

            address = stack.enter_context(service(loop, answer))
            return stack.enter_context(proxy(loop, service_address=address, **changes))

        yield start


def post(running: Running, *, length: int | None = None, more: bytes = b"") -> socket.socket:
    """A connection with a request's head sent and its body still to come."""
    line = running.connect()
    framing = b"Transfer-Encoding: chunked" if length is None else b"Content-Length: %d" % length
    line.sendall(b"POST /api/v1/media/ HTTP/1.1\r\nHost: x\r\n" + more + framing + b"\r\n\r\n")
    return line


def answer_on(line: socket.socket) -> http.client.HTTPResponse:
    answer = http.client.HTTPResponse(line)
    answer.begin()
    return answer


async def swallow(request: web.BaseRequest) -> web.StreamResponse:
    size = 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
    framing = f"{request.headers.get('Content-Length')} {request.headers.get('Transfer-Encoding')}"
    return web.Response(text=f"{size} {framing}")


class TestUploads:
    def test_the_first_bytes_arrive_before_the_last_are_sent(self, before: Before, loop: Loop):
        arrived: asyncio.Queue[int] = loop.run(_queue())

        async def handler(request: web.BaseRequest) -> web.StreamResponse:
            arrived.put_nowait(len(await request.content.readexactly(5)))
            return web.Response(text=str(len(await request.read())))

        with closing(post(before(handler), length=10)) as line:
            line.sendall(b"first")
            assert loop.run(arrived.get()) == 5
            line.sendall(b"later")
            assert answer_on(line).read() == b"5"

    def test_a_service_that_does_not_read_holds_the_client_back(self, before: Before, loop: Loop):
        may_read: asyncio.Event = loop.run(_event())

        async def handler(request: web.BaseRequest) -> web.StreamResponse:
            await may_read.wait()
            return await swallow(request)

        size = 100 * MEGABYTE
        with closing(post(before(handler), length=size)) as line:
            taken = send_while_taken(line, size)
            assert taken < IN_FLIGHT
            loop.run(_set(may_read))
            line.setblocking(True)
            line.sendall(bytes(size - taken))
            assert answer_on(line).read() == f"{size} {size} None".encode()

    def test_one_of_unknown_length_is_given_a_length(self, before: Before):
        with closing(post(before(swallow))) as line:
            line.sendall(b"5\r\nhello\r\n" * 100_000 + b"0\r\n\r\n")
            assert answer_on(line).read() == b"500000 500000 None"

    @pytest.mark.parametrize("length", [2001, 10**18])
    def test_one_too_large_is_refused_by_what_it_says(self, before: Before, length: int):
        with closing(post(before(swallow, largest_body=2000), length=length)) as line:
            answer = answer_on(line)
            assert (answer.status, b'"too_large"' in answer.read()) == (413, True)

    def test_one_that_grows_too_large_is_refused_on_the_way(self, before: Before):
        with closing(post(before(swallow, largest_unannounced_body=2000))) as line:
            line.sendall(b"3e8\r\n" + bytes(1000) + b"\r\n" + b"3e9\r\n" + bytes(1001) + b"\r\n")
            assert answer_on(line).status == 413

    def test_a_client_that_stops_sending_is_told(self, before: Before):
        running = before(swallow, deadlines=replace(Deadlines(), silence=0.1))
        for length, sent in ((10, b"half"), (None, b"5\r\nhe")):
            with closing(post(running, length=length)) as line:
                line.sendall(sent)
                answer = answer_on(line)
                assert (answer.status, b'"request_timeout"' in answer.read()) == (408, True)

    def test_a_client_is_asked_for_its_body_once_somebody_reads_it(self, before: Before):
        with closing(post(before(swallow), length=5, more=b"Expect: 100-continue\r\n")) as line:
            assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            line.sendall(b"hello")
            assert answer_on(line).read() == b"5 5 None"

    @pytest.mark.parametrize(
        ("change", "status"), [({"largest_body": 4}, 413), ({"pages_address": "http://127.0.0.1:9"}, 503)]
    )
    def test_a_client_is_not_asked_in_vain(self, before: Before, change: dict[str, Any], status: int):
        line = before(swallow, **change).connect()
        with closing(line):
            path = b"/admin/" if status == 503 else b"/api/v1/media/"
            line.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n" % path)
            assert line.recv(12) == b"HTTP/1.1 %d" % status


class TestAnswers:
    def test_the_first_bytes_arrive_before_the_last_are_made(self, before: Before, loop: Loop):
        read: asyncio.Event = loop.run(_event())

        async def handler(request: web.BaseRequest) -> web.StreamResponse:
            response = web.StreamResponse()
            await response.prepare(request)
            await response.write(b"first")
            await read.wait()
            await response.write(b"later")
            return response

        line = http.client.HTTPConnection(HOST, before(handler).port, timeout=10)
        with closing(line):
            line.request("GET", "/api/v1/media/")
            answer = line.getresponse()
            assert answer.read(5) == b"first"
            loop.run(_set(read))
            assert answer.read() == b"later"

    def test_a_client_that_does_not_read_holds_the_service_back(self, before: Before, loop: Loop):
        written = [0]

        async def handler(request: web.BaseRequest) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Length": str(1000 * MEGABYTE)})
            await response.prepare(request)
            for _ in range(1000):
                await response.write(bytes(MEGABYTE))
                written[0] += MEGABYTE
            return response

        with closing(before(handler).connect()) as line:
            line.sendall(b"GET /api/v1/media/ HTTP/1.1\r\nHost: x\r\n\r\n")
            assert line.recv(9) == b"HTTP/1.1 "
            before_it_rests = -1
            while before_it_rests != written[0]:
                before_it_rests = written[0]
                loop.run(asyncio.sleep(0.1))
            assert 0 < written[0] < IN_FLIGHT

    @pytest.mark.parametrize("framing", [{"Content-Length": "100"}, {}], ids=["length", "chunked"])
    def test_one_that_breaks_off_is_not_taken_for_whole(self, before: Before, framing: dict[str, str]):
        async def handler(request: web.BaseRequest) -> web.StreamResponse:
            response = web.StreamResponse(headers=framing)
            await response.prepare(request)
            await response.write(b"half")
            assert request.transport
            request.transport.close()
            return response

        line = http.client.HTTPConnection(HOST, before(handler).port, timeout=10)
        with closing(line):
            line.request("GET", "/api/v1/media/")
            answer = line.getresponse()
            with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
                answer.read()

    @pytest.mark.parametrize(
        ("method", "status", "headers", "length"),
        [
            ("HEAD", 200, {"Content-Length": "1234"}, "1234"),
            ("GET", 204, {}, None),
            ("GET", 304, {"ETag": '"a"'}, None),
        ],
        ids=["HEAD", "204", "304"],
    )
    def test_what_has_no_body_is_followed_by_the_next(
        self, before: Before, method: str, status: int, headers: dict[str, str], length: str | None
    ):
        async def handler(request: web.BaseRequest) -> web.StreamResponse:
            if request.path.endswith("next/"):
                return web.Response(text="next")
            return web.Response(status=status, headers=headers)

        line = http.client.HTTPConnection(HOST, before(handler).port, timeout=10)
        with closing(line):
            line.request(method, "/api/v1/media/")
            answer = line.getresponse()
            assert (answer.status, answer.read(), answer.getheader("Content-Length")) == (status, b"", length)
            assert answer.getheader("Transfer-Encoding") is None
            line.request("GET", "/api/v1/media/next/")
            assert line.getresponse().read() == b"next"


def send_while_taken(line: socket.socket, size: int) -> int:
    """Sends until the other side takes no more; how much it took."""
    line.setblocking(False)
    sent, chunk = 0, bytes(MEGABYTE)
    while sent < size and select.select([], [line], [], 0.3)[1]:
        with contextlib.suppress(BlockingIOError):
            sent += line.send(chunk[: size - sent])
    return sent


async def _event() -> asyncio.Event:
    return asyncio.Event()


async def _queue() -> asyncio.Queue[int]:
    return asyncio.Queue()


async def _set(event: asyncio.Event) -> None:
    event.set()
