"""Messages that two readers could read differently: refused, and their connection ended, before a service sees them."""

import re
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from aiohttp import web

from tests.gateway.running import Loop, Running, auth_service, proxy, service

_auth = auth_service(list)
HEAD = b"POST /api/v1/courses/ HTTP/1.1\r\nHost: x\r\n"
NEXT = b"GET /api/v1/users/smuggled/ HTTP/1.1\r\nHost: x\r\n\r\n"

FRAMING = {
    "length and coding": HEAD + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + NEXT,
    "coding and length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n" + NEXT,
    "two lengths": HEAD + b"Content-Length: 0\r\nContent-Length: 50\r\n\r\n" + NEXT,
    "the same length twice": HEAD + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + NEXT,
    "lengths in one field": HEAD + b"Content-Length: 0, 0\r\n\r\n" + NEXT,
    "signed length": HEAD + b"Content-Length: +0\r\n\r\n" + NEXT,
    "negative length": HEAD + b"Content-Length: -1\r\n\r\n" + NEXT,
    "hexadecimal length": HEAD + b"Content-Length: 0x10\r\n\r\n" + NEXT,
    "length with a gap": HEAD + b"Content-Length: 1 2\r\n\r\n" + NEXT,
    "empty length": HEAD + b"Content-Length: \r\n\r\n" + NEXT,
    "space before the colon": HEAD + b"Content-Length : 50\r\n\r\n" + NEXT,
    "tab before the colon": HEAD + b"Transfer-Encoding\t: chunked\r\n\r\n" + NEXT,
    "folded line": HEAD + b"X-A: b\r\n Content-Length: 50\r\n\r\n" + NEXT,
    "folded coding": HEAD + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + NEXT,
    "first line folded": HEAD.replace(b"Host", b" Host") + b"\r\n" + NEXT,
    "bare line feeds": HEAD.replace(b"\r\n", b"\n") + b"\n" + NEXT,
    "one bare line feed": HEAD + b"X-A: b\nContent-Length: 50\r\n\r\n" + NEXT,
    "bare carriage return": HEAD + b"X-A: b\rContent-Length: 50\r\n\r\n" + NEXT,
    "null in a value": HEAD + b"X-A: b\x00c\r\n\r\n" + NEXT,
    "null in a name": HEAD + b"X\x00A: b\r\n\r\n" + NEXT,
    "name with a space": HEAD + b"X A: b\r\n\r\n" + NEXT,
    "no name": HEAD + b": b\r\n\r\n" + NEXT,
    "no colon": HEAD + b"Content-Length 50\r\n\r\n" + NEXT,
    "two codings": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + NEXT,
    "chunked twice": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + NEXT,
    "not chunked at the end": HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + NEXT,
    "unknown coding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + NEXT,
    "coding with a tail": HEAD + b"Transfer-Encoding: chunked;x\r\n\r\n0\r\n\r\n" + NEXT,
    "coding before 1.1": HEAD.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + NEXT,
    "chunk size with a sign": HEAD + b"Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n" + NEXT,
    "chunk size in words": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n" + NEXT,
    "chunk longer than it says": HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n" + NEXT,
    "chunk ended by a line feed": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n" + NEXT,
    "endless chunk size": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\nhello\r\n0\r\n\r\n" + NEXT,
    "two hosts": HEAD + b"Host: y\r\n\r\n" + NEXT,
    "no host": b"GET /api/v1/courses/ HTTP/1.1\r\n\r\n" + NEXT,
    "host that is a path": b"GET /api/v1/courses/ HTTP/1.1\r\nHost: x/y\r\n\r\n" + NEXT,
    "two tokens": HEAD + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n" + NEXT,
    "space in the target": b"GET /api/v1/courses/ x HTTP/1.1\r\nHost: x\r\n\r\n" + NEXT,
    "fragment in the target": b"GET /api/v1/courses/#x HTTP/1.1\r\nHost: x\r\n\r\n" + NEXT,
    "raw bytes in the target": b"GET /api/v1/courses/\xff HTTP/1.1\r\nHost: x\r\n\r\n" + NEXT,
    "target without a slash": b"GET api/v1/courses/ HTTP/1.1\r\nHost: x\r\n\r\n" + NEXT,
    "unknown version": b"GET /api/v1/courses/ HTTP/1.2\r\nHost: x\r\n\r\n" + NEXT,
    "version 3": b"GET /api/v1/courses/ HTTP/3.0\r\nHost: x\r\n\r\n" + NEXT,
    "the other protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + NEXT,
    "no version": b"GET /api/v1/courses/\r\n\r\n" + NEXT,
}  # fmt: skip


@pytest.fixture(scope="module")
def seen() -> list[str]:
    """The targets that reached a service."""
    return []


@pytest.fixture(scope="module")
def running(loop: Loop, seen: list[str]) -> Iterator[Running]:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if not request.path.startswith("/api/"):
            return await _auth(request)
        seen.append(request.raw_path)
        return web.Response(body=await request.read())

    with service(loop, answer) as address, proxy(loop, service_address=address) as running:
        yield running


def all_answered(line: socket.socket) -> bytes:
    """What comes until the other side ends the connection."""
    found = b""
    while chunk := line.recv(65536):
        found += chunk
    return found


def statuses(answered: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answered)]


@pytest.mark.parametrize("message", FRAMING.values(), ids=list(FRAMING))
def test_it_is_refused_and_nothing_behind_it_is_read(running: Running, seen: list[str], message: bytes):
    seen.clear()
    with closing(running.connect()) as line:
        line.sendall(message)
        answered = all_answered(line)
    assert statuses(answered) == [400]
    assert b'"code": "bad_request"' in answered
    assert seen == []


def test_what_is_well_framed_passes_one_after_the_other(running: Running, seen: list[str]):
    seen.clear()
    with closing(running.connect()) as line:
        line.sendall(HEAD + b"Content-Length: 2\r\n\r\nhi")
        line.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nho\r\n0\r\n\r\n")
        line.sendall(NEXT.replace(b"Host: x", b"Host: x\r\nConnection: close"))
        answered = all_answered(line)
    assert statuses(answered) == [200, 200, 200]
    assert answered.index(b"hi") < answered.index(b"ho")
    assert seen == ["/api/v1/courses/", "/api/v1/courses/", "/api/v1/users/smuggled/"]


def test_a_body_cannot_be_a_second_request(running: Running, seen: list[str]):
    seen.clear()
    with closing(running.connect()) as line:
        line.sendall(HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(NEXT) + NEXT)
        answered = all_answered(line)
    assert statuses(answered[: answered.index(NEXT)]) == [200]
    assert seen == ["/api/v1/courses/"]


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (b"GET /api/v1/courses/ HTTP/1.1\r\nHost: x\r\n" + b"X-Filler: %s\r\n" % (b"x" * 3000) * 6, 431),
        (b"GET /api/v1/courses/?q=" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n", 431),
        (b"GET /api/v1/courses/ HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 400, 400),
        (b"TRACE /api/v1/courses/ HTTP/1.1\r\nHost: x\r\n", 405),
        (b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n", 405),
        (b"PROPFIND /api/v1/courses/ HTTP/1.1\r\nHost: x\r\n", 405),
        (b"POST /api/v1/courses/ HTTP/1.1\r\nHost: x\r\nExpect: more\r\n", 417),
    ],
    ids=["large head", "long target", "many fields", "trace", "connect", "unknown method", "expectation"],
)
def test_other_heads_are_refused_by_name(running: Running, seen: list[str], message: bytes, status: int):
    seen.clear()
    with closing(running.connect()) as line:
        line.sendall(message + b"Connection: close\r\n\r\n")
        assert statuses(all_answered(line)) == [status]
    assert seen == []


def test_the_whole_address_may_be_the_target(running: Running, seen: list[str]):
    seen.clear()
    with closing(running.connect()) as line:
        line.sendall(b"GET http://y/api/v1/courses/?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert statuses(all_answered(line)) == [200]
    assert seen == ["/api/v1/courses/?a=b"]


def test_an_upgrade_is_not_taken_up_and_hides_nothing(running: Running, seen: list[str]):
    seen.clear()
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"
    with closing(running.connect()) as line:
        line.sendall(b"GET /api/v1/courses/ HTTP/1.1\r\nHost: x\r\n" + upgrade)
        line.sendall(NEXT.replace(b"Host: x", b"Host: x\r\nConnection: close"))
        answered = all_answered(line)
    assert statuses(answered) == [200, 200]
    assert seen == ["/api/v1/courses/", "/api/v1/users/smuggled/"]
