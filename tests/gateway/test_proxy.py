"""The proxy: what passes through it, and what does not."""

import http.client
import json
from collections.abc import Iterator

import pytest
from aiohttp import web

from tests.gateway.running import HOST, Loop, Running, auth_service, proxy, service

_auth = auth_service(list)


async def echo(request: web.BaseRequest) -> web.StreamResponse:
    """Says what reached the service."""
    if not request.path.startswith("/api/"):
        return await _auth(request)
    shown = {
        "method": request.method,
        "target": request.raw_path,
        "headers": [[name.lower(), value] for name, value in request.headers.items()],
        "body": (await request.read()).decode("latin-1"),
    }
    return web.json_response(shown, headers={"X-Edge-Scope": "courses", "X-Caller": "leak", "ETag": '"v1"'})


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.stop()


@pytest.fixture(scope="module")
def echoing(loop: Loop) -> Iterator[Running]:
    with service(loop, echo) as address, proxy(loop, service_address=address) as running:
        yield running


@pytest.fixture
def client(echoing: Running) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(HOST, echoing.port, timeout=10)
    yield connection
    connection.close()


def test_a_request_passes_through_and_back(client: http.client.HTTPConnection):
    client.request("POST", "/api/v1/courses/?q=%C3%A4", body=b"x" * 10, headers={"Content-Type": "text/plain"})
    answer = client.getresponse()
    shown = json.loads(answer.read())
    assert (answer.status, shown["method"], shown["target"]) == (200, "POST", "/api/v1/courses/?q=%C3%A4")
    assert shown["body"] == "x" * 10
    assert answer.getheader("ETag") == '"v1"'
    assert answer.getheader("X-Edge-Scope") is None
    assert answer.getheader("X-Caller") is None


@pytest.mark.parametrize("path", ["/", "/nowhere/", "/internal/sessions/", "/api/v1/auth/../../../internal/sessions/"])
def test_what_no_service_has_is_not_found(client: http.client.HTTPConnection, path: str):
    client.request("GET", path)
    answer = client.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (404, "not_found")
