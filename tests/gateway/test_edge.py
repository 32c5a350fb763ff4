"""The gateway in both shapes, before one process and as a proxy: who is let through, as whom, and how often."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from apps.auth.types import SessionChange
from apps.gateway.dataplane.edge import Edge
from apps.gateway.dataplane.gate import Gate
from apps.gateway.dataplane.limits import Rate, RateLimiter
from apps.gateway.dataplane.tokens import LEEWAY_SECONDS, TokenVerifier
from apps.gateway.dataplane.watch import Watch
from learninghub.http.identity import unseal
from tests.gateway.running import CALLER_KEY, Loop, auth_service, proxy, service
from tests.support.http import Client

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, str]:
    return json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": kid, "alg": "RS256", "use": "sig"}


def claims(**changes: object) -> dict[str, object]:
    at = int(time.time())
    return {
        "iss": "learning-hub",
        "aud": "learning-hub-api",
        "sub": str(uuid4()),
        "sid": str(uuid4()),
        "gen": 1,
        "roles": ["student"],
        "scopes": ["verified"],
        "iat": at,
        "exp": at + 300,
        "typ": "access",
    } | changes


def token(key: rsa.RSAPrivateKey = KEY, kid: str = "one", **changes: object) -> str:
    sent = {name: value for name, value in claims(**changes).items() if value is not None}
    return jwt.encode(sent, key, algorithm="RS256", headers={"kid": kid})


def bearer(sent: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {sent}"}


def shown(caller: str | None, address: str) -> dict[str, object]:
    """What an application says of the headers that the gateway gave it."""
    known = unseal(caller, key=CALLER_KEY, at=time.time()) if caller else None
    roles = sorted(known.roles) if known else []
    scopes = sorted(known.scopes) if known else []
    return {"id": known and str(known.id), "address": address, "roles": roles, "scopes": scopes}


@pytest.fixture(params=["one process", "proxy"])
def gate(request: pytest.FixtureRequest) -> Iterator[SimpleNamespace]:
    """The gateway before an application that says whom it was shown, in both of its shapes."""
    published = [jwk(KEY, "one")]
    asked: list[int] = []

    def keys() -> list[dict[str, str]]:
        asked.append(1)
        return published

    gate = SimpleNamespace(published=published, asked=asked)
    with ExitStack() as stack:
        if request.param == "proxy":
            before_the_proxy(gate, keys, request.getfixturevalue("loop"), stack)
        else:
            before_the_edge(gate, keys)
        yield gate


def before_the_edge(gate: SimpleNamespace, keys: Callable[[], list[dict[str, str]]]) -> None:
    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(shown(environ.get("HTTP_X_CALLER"), environ["HTTP_X_CLIENT_ADDRESS"])).encode()]

    verifier = TokenVerifier(keys=keys, issuer="learning-hub", audience="learning-hub-api")

    def client(*, per_minute: float = 60_000, burst: float = 1000, trusted_proxies: int = 0, **more: str) -> Client:
        limiter = RateLimiter(Rate(per_minute=per_minute, burst=burst))
        judge = Gate(verifier=verifier, caller_key=CALLER_KEY, trusted_proxies=trusted_proxies)
        return Client(Edge(application, gate=judge, limiter=limiter), **more)

    gate.client = client
    gate.note = verifier.note


def before_the_proxy(
    gate: SimpleNamespace, keys: Callable[[], list[dict[str, str]]], loop: Loop, stack: ExitStack
) -> None:
    changes: list[str] = []
    questions = auth_service(keys, lambda: changes)
    watches: list[Watch] = []

    async def application(request: web.BaseRequest) -> web.StreamResponse:
        if not request.path.startswith("/api/"):
            return await questions(request)
        return web.json_response(shown(request.headers.get("X-Caller"), request.headers["X-Client-Address"]))

    address = stack.enter_context(service(loop, application))

    def client(*, per_minute: float = 60_000, burst: float = 1000, trusted_proxies: int = 0, **more: str) -> Client:
        rate = Rate(per_minute=per_minute, burst=burst)
        running = stack.enter_context(proxy(loop, service_address=address, rate=rate, trusted_proxies=trusted_proxies))
        watches.append(running.door.watch)
        return running.client(**more)

    def note(session: UUID, *, is_ended: bool, generation: int) -> None:
        changes.append(SessionChange(session_id=session, is_ended=is_ended, generation=generation).word)
        for watch in watches:
            watch.heard(f"sessions {changes[-1]}")

    gate.client = client
    gate.note = note


class TestTokens:
    def test_a_good_one_names_the_caller(self, gate):
        person = str(uuid4())
        answer = gate.client(token=token(sub=person, roles=["student", "instructor"])).get("/api/v1/courses/")
        assert answer.json["id"] == person
        assert answer.json["roles"] == ["instructor", "student"]

    def test_none_is_no_caller(self, gate):
        assert gate.client().get("/api/v1/courses/").json["id"] is None

    @pytest.mark.parametrize(
        "bad",
        [
            "nonsense",
            "",
            token(OTHER),
            token(kid="two"),
            token(iss="another"),
            token(aud="another"),
            token(typ="refresh"),
            token(exp=int(time.time()) - LEEWAY_SECONDS - 60),
            token(iat=int(time.time()) + 3600),
            token(sub="not-an-id"),
            token(gen="x"),
            *(token(**{name: None}) for name in ("exp", "iat", "aud", "iss", "sub", "sid", "gen", "typ")),
            token() + "x",
            token()[:-10],
            token(padding="x" * 5000),
            jwt.encode(claims(), None, algorithm="none", headers={"kid": "one"}),
            jwt.encode(claims(), "x" * 32, algorithm="HS256", headers={"kid": "one"}),
            jwt.encode(claims(), KEY, algorithm="RS512", headers={"kid": "one"}),
            jwt.encode(claims(), KEY, algorithm="PS256", headers={"kid": "one"}),
            jwt.encode(claims(), OTHER, algorithm="RS256", headers={"kid": "one", "jwk": jwk(OTHER, "one")}),
            jwt.encode(claims(), OTHER, algorithm="RS256", headers={"kid": "one", "jku": "https://evil.example/k"}),
            jwt.encode(claims(), KEY, algorithm="RS256", headers={"kid": "one", "crit": ["b64"], "b64": False}),
            jwt.encode(claims(), KEY, algorithm="RS256", headers={"kid": "../../etc/passwd"}),
        ],
    )
    def test_a_bad_one_is_refused_before_the_application(self, gate, bad: str):
        answer = gate.client(headers={"Authorization": f"Bearer {bad}"}).get("/api/v1/courses/")
        assert (answer.status, answer.json["code"]) == (401, "token_invalid")
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_a_public_key_is_no_secret_to_sign_with(self, gate):
        header = jwt.utils.base64url_encode(b'{"alg":"HS256","kid":"one"}')
        body = jwt.utils.base64url_encode(json.dumps(claims()).encode())
        mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(header + b"." + body, PEM)
        forged = b".".join([header, body, jwt.utils.base64url_encode(mac)]).decode()
        assert gate.client(token=forged).get("/api/v1/courses/").status == 401

    def test_it_is_verified_once_and_remembered_until_it_expires(self, gate):
        good = token()
        client = gate.client(token=good)
        assert [client.get("/api/v1/courses/").status for _ in range(3)] == [200, 200, 200]
        assert len(gate.asked) == 1
        verifier = TokenVerifier(keys=lambda: gate.published, issuer="learning-hub", audience="learning-hub-api")
        verifier.verify(good, at=time.time())
        with pytest.raises(ValueError, match="expired"):
            verifier.verify(good, at=time.time() + timedelta(minutes=6).total_seconds())

    def test_a_new_key_is_fetched_and_an_old_one_dropped(self, gate):
        client = gate.client()
        old, new = token(), token(OTHER, "two")
        assert client.get("/api/v1/courses/", headers=bearer(old)).status == 200
        gate.published[:] = [jwk(OTHER, "two")]
        assert client.get("/api/v1/courses/", headers=bearer(new)).status == 200
        assert client.get("/api/v1/courses/", headers=bearer(token())).status == 401

    def test_an_ended_session_is_refused_at_once(self, gate):
        session = uuid4()
        client = gate.client(token=token(sid=str(session)))
        assert client.get("/api/v1/courses/").status == 200
        gate.note(session, is_ended=True, generation=1)
        assert client.get("/api/v1/courses/").status == 401
        assert client.get("/api/v1/courses/", headers=bearer(token())).status == 200

    def test_an_older_generation_is_refused_and_a_newer_let_in(self, gate):
        session = uuid4()
        client = gate.client()
        gate.note(session, is_ended=False, generation=2)
        for generation, status in ((1, 401), (2, 200)):
            shown = bearer(token(sid=str(session), gen=generation))
            assert client.get("/api/v1/courses/", headers=shown).status == status

    def test_no_token_makes_its_bearer_the_gateway(self, gate):
        answer = gate.client(token=token(scopes=["verified", "edge"])).get("/api/v1/courses/")
        assert answer.json["scopes"] == ["verified"]


class TestHeaders:
    def test_a_client_cannot_say_who_it_is(self, gate):
        caller = {"X-Caller": "forged", "X-Client-Address": "10.0.0.1"}
        answer = gate.client(headers=caller, address="127.0.0.9").get("/api/v1/courses/")
        assert answer.json == {"id": None, "address": "127.0.0.9", "roles": [], "scopes": []}

    @pytest.mark.parametrize(
        ("proxies", "forwarded", "address"),
        [
            (0, "198.51.100.1", "127.0.0.9"),
            (1, "198.51.100.1", "198.51.100.1"),
            (2, "6.6.6.6, 198.51.100.1, 192.0.2.1", "198.51.100.1"),
            (2, "192.0.2.1", "127.0.0.9"),
            (2, "", "127.0.0.9"),
        ],
    )
    def test_only_our_own_proxies_are_believed(self, gate, proxies: int, forwarded: str, address: str):
        client = gate.client(trusted_proxies=proxies, address="127.0.0.9", headers={"X-Forwarded-For": forwarded})
        assert client.get("/api/v1/courses/").json["address"] == address


class TestLimits:
    def test_a_burst_passes_and_the_next_must_wait(self, gate):
        client = gate.client(per_minute=6, burst=3)
        assert [client.get("/api/v1/courses/").status for _ in range(4)] == [200, 200, 200, 429]
        answer = client.get("/api/v1/courses/")
        assert answer.json["code"] == "too_many"
        assert 1 <= int(answer.headers["Retry-After"]) <= 10

    def test_forwarded_addresses_do_not_get_around_it(self, gate):
        client = gate.client(per_minute=6, burst=2)
        statuses = [client.get("/api/v1/courses/", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status for n in range(4)]
        assert statuses == [200, 200, 429, 429]

    def test_a_bad_token_is_not_for_free(self, gate):
        client = gate.client(per_minute=6, burst=2)
        statuses = [client.get("/api/v1/courses/", headers=bearer(f"bad{n}")).status for n in range(4)]
        assert statuses == [401, 401, 429, 429]

    def test_no_header_gets_around_it(self, gate):
        """S8: each of the headers that somewhere names an address, in rotation; two proxies of ours stand in front."""
        client = gate.client(per_minute=6, burst=3, trusted_proxies=2)
        ours = "198.51.100.7, 192.0.2.1"
        tried = [
            {"X-Forwarded-For": f"{spoofed}, {ours}", "X-Real-IP": spoofed, "Forwarded": f"for={spoofed}"}
            | dict.fromkeys(("X-Client-Address", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP"), spoofed)
            for spoofed in (f"203.0.113.{n}" for n in range(100))
        ]
        statuses = [client.get("/api/v1/courses/", headers=headers).status for headers in tried]
        assert statuses == [200] * 3 + [429] * 97

    def test_health_is_always_told(self, gate):
        client = gate.client(per_minute=6, burst=1)
        assert [client.get("/healthz").status for _ in range(5)] == [200] * 5

    def test_tokens_come_back_with_time_and_never_more_than_a_burst(self):
        limiter = RateLimiter(Rate(per_minute=60, burst=2))
        assert [limiter.wait("a", at=at) for at in (0.0, 0.0, 0.0, 1.0)] == [0.0, 0.0, 1.0, 0.0]
        assert [limiter.wait("a", at=at) for at in (1000.0, 1000.0, 1000.0)] == [0.0, 0.0, 1.0]
        assert limiter.wait("b", at=1000.0) == 0.0
