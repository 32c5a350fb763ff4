"""The proxy: what passes through it, and what does not."""

import http.client
import json
import re
from collections.abc import Iterator

import pytest
from aiohttp import web

from tests.gateway.running import HOST, Loop, Running, auth_service, proxy, service

_auth = auth_service(list)


async def echo(request: web.BaseRequest) -> web.StreamResponse:
    """Says what reached the service."""
    if "X-Client-Address" not in request.headers:
        return await _auth(request)
    shown = {
        "method": request.method,
        "target": request.raw_path,
        "headers": [[name.lower(), value] for name, value in request.headers.items()],
        "body": (await request.read()).decode("latin-1"),
    }
    ours = {"X-Edge-Scope": "courses", "X-Caller": "leak", "X-Client-Address": "leak", "Server": "secret"}
    of_this_hop = {"Connection": "X-Private", "X-Private": "hop", "Keep-Alive": "timeout=5", "Upgrade": "h2c"}
    return web.json_response(shown, headers=ours | of_this_hop | {"ETag": '"v1"'})


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


def echoed(client: http.client.HTTPConnection, headers: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The headers of such a request as the service got them."""
    client.putrequest("GET", "/api/v1/courses/", skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        client.putheader(name, value)
    client.endheaders()
    got: dict[str, list[str]] = {}
    for name, value in json.loads(client.getresponse().read())["headers"]:
        got.setdefault(name, []).append(value)
    return got


def test_a_service_gets_what_is_meant_for_it_and_nothing_else(client: http.client.HTTPConnection):
    meant = [("Host", "learn.example.org"), ("Accept", "text/html"), ("Cookie", "a=b"), ("If-None-Match", '"v0"')]
    of_this_hop = [
        ("Connection", "keep-alive, X-Private, Accept-Language"),
        ("X-Private", "hop"),
        ("Accept-Language", "de"),
        ("Keep-Alive", "timeout=5"),
        ("Proxy-Authorization", "Basic eDp5"),
        ("Proxy-Connection", "keep-alive"),
        ("TE", "trailers"),
        ("Upgrade", "h2c"),
    ]
    ours_to_say = [
        ("X-Caller", "forged"),
        ("X-CALLER", "forged"),
        ("X_Caller", "forged"),
        ("X-Client-Address", "10.0.0.1"),
        ("X_Client_Address", "10.0.0.1"),
        ("X-Edge-Scope", "courses"),
        ("X-Forwarded-For", "10.0.0.1"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "https"),
        ("Forwarded", "for=10.0.0.1;host=evil.example"),
        ("X-Real-IP", "10.0.0.1"),
        ("Authorization", "Basic eDp5"),
    ]
    got = echoed(client, meant + of_this_hop + ours_to_say)
    assert [(name, *got[name.lower()]) for name, _ in meant] == meant
    assert set(got) - {name.lower() for name, _ in meant} == {"x-request-id", "traceparent", "x-client-address"}
    assert got["x-client-address"] == [HOST]


def test_the_request_goes_by_one_name_all_the_way(client: http.client.HTTPConnection):
    trace = f"00-{'ab' * 16}-{'cd' * 8}-01"
    got = echoed(client, [("Host", "x"), ("X-Request-ID", "told-by-client"), ("traceparent", trace)])
    assert (got["x-request-id"], got["traceparent"]) == (["told-by-client"], [trace])
    for bad in ("with space", "x" * 65, "<script>"):
        given = echoed(client, [("Host", "x"), ("X-Request-ID", bad)])["x-request-id"]
        assert len(given) == 1
        assert re.fullmatch("[0-9a-f]{32}", given[0])


def test_our_own_proxies_say_by_which_scheme_the_client_came(loop: Loop, echoing: Running):
    address = echoing.door._config.service_address
    with proxy(loop, service_address=address, trusted_proxies=1) as behind_one:
        headers = {"X-Forwarded-For": "198.51.100.1", "X-Forwarded-Proto": "https"}
        shown = dict(behind_one.client().get("courses/", headers=headers).json["headers"])
    assert (shown["x-forwarded-proto"], shown["x-client-address"]) == ("https", "198.51.100.1")
    assert "x-forwarded-for" not in shown


def test_an_answer_loses_what_is_for_us_alone(client: http.client.HTTPConnection):
    client.request("GET", "/api/v1/courses/")
    answer = client.getresponse()
    assert answer.read()
    names = {name.lower() for name, _ in answer.getheaders()}
    usual = {"content-type", "content-length", "date", "server", "etag", "x-request-id", "traceparent"}
    assert names == usual
    assert answer.getheader("Server") == "api-gateway"


@pytest.mark.parametrize(
    "path", ["/api/v1/%63ourses/", "/api/v1/courses", "/api/v1/categories/x/", "/verify/A/", "/admin/"]
)
def test_a_path_is_read_as_services_read_it(client: http.client.HTTPConnection, path: str):
    client.request("GET", path)
    answer = client.getresponse()
    answer.read()
    assert answer.status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nowhere/",
        "/internal/sessions/",
        "/api/v1/auth/../../../internal/sessions/",
        "/api/v1/auth/%2e%2e/%2e%2e/%2e%2e/internal/sessions/",
        "//internal/sessions/",
        "/%69nternal/sessions/",
    ],
)
def test_what_no_service_has_is_not_found(client: http.client.HTTPConnection, path: str):
    client.request("GET", path)
    answer = client.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (404, "not_found")


class TestMetrics:
    def test_they_are_told_to_who_stands_beside_and_by_no_open_way(self, echoing: Running):
        assert echoing.client().get("courses/").status == 200
        assert echoing.client().get("/nowhere/").status == 404
        page = echoing.client().get("/metrics").text
        assert 'learninghub_requests_total{method="GET",route="/api/v1/courses/",status="2xx"}' in page
        assert 'learninghub_refusals_total{code="not_found"}' in page
        assert echoing.client().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status == 404
