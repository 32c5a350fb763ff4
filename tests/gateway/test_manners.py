"""What every answer of the house carries: safe headers, a policy for what a page may load, and who may read it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import override_settings

from apps.auth import api as auth
from config import edge
from config.wsgi import application as whole_house
from learninghub.http import health
from tests.gateway.running import Desk, OverDesk, proxy, service
from tests.support.courses import make_course
from tests.support.http import Answer, Client
from tests.support.people import access_token, make_person

pytestmark = pytest.mark.django_db

OURS = "https://app.example.org"
PAGES = [
    "/api/docs/",
    "/api/redoc/",
    "/api/schema/",
    "/admin/login/",
    "/verify/",
    "/verify/none/",
    "/unsubscribe/none/",
    "/after-checkout/00000000-0000-7000-8000-000000000000/",
    "/verify-email/",
    "/reset-password/",
    "/.well-known/jwks.json",
    "/healthz",
    "/readyz",
    "/static/admin/css/base.css",
    "/api/v1/courses/",
    "/api/v1/users/me/",
    "/nowhere/",
]


SERVICES = whole_house._edge._application
Visitor = Callable[..., Client]


@pytest.fixture(params=["one process", "proxy"])
def visitor(request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Makes clients of the house in both of its shapes, where one web page of another origin is allowed."""
    with override_settings(CORS_ALLOWED_ORIGINS=[OURS]):
        if request.param == "one process":
            house = edge.make_edge(SERVICES)
            yield lambda **more: Client(house, **more)
            return
        loop, desk = request.getfixturevalue("loop"), Desk(SERVICES, auth.public_keys)
        told = {
            "caller_key": settings.CALLER_KEY,
            "allowed_origins": [OURS],
            "refusal_headers": settings.REFUSAL_HEADERS,
        }
        with service(loop, desk.handle) as address, proxy(loop, service_address=address, **told) as running:
            yield lambda **more: OverDesk(running.port, desk=desk, address="127.0.0.7", **more)


@pytest.fixture
def visit(visitor: Visitor) -> Client:
    """Someone without a name."""
    return visitor()


def assert_is_safe(answer: Answer, *, may_evaluate: bool = False) -> None:
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] in {"'self'", "'none'"}
    assert policy["frame-ancestors"] == "'none'"
    scripts = policy.get("script-src", "")
    assert "unsafe" not in (scripts.replace("'unsafe-eval'", "") if may_evaluate else scripts)
    assert "http" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_every_kind_of_page_is_safe(visit: Client, path: str):
    answer = visit.get(path)
    assert answer.status in {200, 401, 404}
    assert_is_safe(answer, may_evaluate=path.startswith("/admin/"))  # decision 0087


def test_what_the_edge_refuses_is_as_safe_as_the_rest(visitor: Visitor):
    answer = visitor(token="no.such.token").get("courses/")
    assert (answer.status, answer.json["code"]) == (401, "token_invalid")
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    assert_is_safe(answer)


def test_a_bad_host_and_a_preflight_are_safe_too(visitor: Visitor):
    client = visitor()
    assert_is_safe(client.get("courses/", headers={"Host": "evil.example"}))
    asked = {"Origin": OURS, "Access-Control-Request-Method": "PATCH"}
    assert_is_safe(client.request("OPTIONS", "courses/", headers=asked))


class TestOrigins:
    def test_an_allowed_page_may_ask_with_our_headers_and_read_them(self, visitor: Visitor):
        client = visitor()
        asked = {
            "Origin": OURS,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization, idempotency-key, if-match",
        }
        before = client.request("OPTIONS", "users/me/", headers=asked)
        assert (before.status, before.headers["Access-Control-Allow-Origin"]) == (200, OURS)
        allowed = before.headers["Access-Control-Allow-Headers"]
        assert {"authorization", "idempotency-key", "if-match"} <= {word.strip() for word in allowed.split(",")}
        answer = client.get("courses/", headers={"Origin": OURS})
        assert answer.headers["Access-Control-Allow-Origin"] == OURS
        assert "etag" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers

    @pytest.mark.parametrize(
        "origin", ["https://evil.example", "null", f"{OURS}.evil.example", "http://app.example.org"]
    )
    def test_no_other_page_may(self, visitor: Visitor, origin: str):
        client = visitor()
        for answer in (
            client.get("courses/", headers={"Origin": origin}),
            client.request("OPTIONS", "courses/", headers={"Origin": origin, "Access-Control-Request-Method": "GET"}),
            visitor(token="bad").get("courses/", headers={"Origin": origin}),
        ):
            assert "Access-Control-Allow-Origin" not in answer.headers

    def test_an_expired_token_is_told_to_the_page_that_sent_it(self, visitor: Visitor):
        answer = visitor(token="bad").get("users/me/", headers={"Origin": OURS})
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (401, OURS)

    def test_an_answer_kept_for_nobody_in_particular_is_not_given_to_a_page(self, visitor: Visitor):
        make_course()
        client = visitor()
        kept = client.get("courses/")
        asked = [client.get("courses/", headers={"Origin": OURS}) for _ in range(2)]
        assert "Access-Control-Allow-Origin" not in kept.headers
        assert [answer.headers["Access-Control-Allow-Origin"] for answer in asked] == [OURS, OURS]
        assert "Access-Control-Allow-Origin" not in client.get("courses/").headers


class TestHealth:
    def test_it_lives_without_asking_anyone(self, client: Client, queries_of: Callable[..., int]):
        assert queries_of(lambda: client.get("/healthz")) == 0
        assert client.get("/healthz").json == {"status": "alive"}

    def test_it_is_ready_and_says_what_it_does_without(self, client: Client, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(health, "_wanting", [lambda: None, lambda: "Fonts are not installed."])
        answer = client.get("/readyz")
        assert (answer.status, answer.json) == (200, {"status": "ready", "missing": ["Fonts are not installed."]})

    def test_it_is_not_ready_without_its_database(self, client: Client, monkeypatch: pytest.MonkeyPatch):
        def gone(*_: object) -> None:
            raise OperationalError("connection to server at 10.1.2.3 failed")

        monkeypatch.setattr("learninghub.http.health.connection", type("Gone", (), {"cursor": gone})())
        answer = client.get("/readyz")
        assert (answer.status, answer.json) == (503, {"status": "unready", "database": "does not answer"})

    def test_tokens_are_not_believed_while_ended_sessions_cannot_be_asked_for(
        self, monkeypatch: pytest.MonkeyPatch, settings: Any
    ):
        def gone(**_: object) -> None:
            raise OperationalError("connection to server at 10.1.2.3 failed")

        settings.SESSION_POLL_SECONDS = 0.0
        client = Client(edge.make_edge(SERVICES), token=access_token(make_person()))
        assert client.get("users/me/").status == 200
        monkeypatch.setattr("apps.auth.api.session_changes", gone)
        answer = client.get("users/me/")
        assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (503, "unavailable", "5")
        assert b"10.1.2.3" not in answer.body
