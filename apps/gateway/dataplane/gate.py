"""Who is let through, as whom, and what a refusal looks like: one body of rules for the one process and the proxy."""

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

import structlog

from apps.gateway.dataplane.tokens import BadToken, TokenVerifier, UnknownKey
from learninghub import metrics
from learninghub.http.identity import Caller, seal
from learninghub.http.places import place_of

log = structlog.get_logger("learninghub.request")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the rules look at in a request."""

    peer: str
    authorization: str = ""
    forwarded_for: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that the gateway gives by itself: status, stable code, one more header."""

    status: int
    code: str
    header: tuple[str, str] | None = None


class Refused(Exception):
    """The request goes no further."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


TOKEN_INVALID = Refusal(401, "token_invalid", ("WWW-Authenticate", "Bearer"))
UNAVAILABLE = Refusal(503, "unavailable", ("Retry-After", "5"))


def too_many(wait: float) -> Refusal:
    """Come back in so many seconds."""
    return Refusal(429, "too_many", ("Retry-After", str(math.ceil(wait))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of a request's claims.

    `bucket` is whose limit it counts against, also where it is refused: bad tokens are not for free. `caller` is the
    signed header of whoever was recognised, `known`; `unsettled` is their token where it has not been settled.
    """

    address: str
    bucket: str
    caller: str | None = None
    known: Caller | None = None
    unsettled: str | None = None
    refusal: Refusal | None = None
    is_key_unknown: bool = False


class Gate:
    """Judges requests by their token and address.

    `trusted_proxies` is how many of the rightmost X-Forwarded-For hops are ours; `allowed_origins` are the web pages
    that may read a refusal, `headers` go out with each.
    """

    def __init__(
        self,
        *,
        verifier: TokenVerifier,
        caller_key: bytes,
        trusted_proxies: int,
        allowed_origins: Collection[str] = (),
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._verifier = verifier
        self._caller_key = caller_key
        self._trusted_proxies = trusted_proxies
        self._allowed_origins = frozenset(allowed_origins)
        self._headers = tuple(headers)

    def judge(self, asked: Asked, *, at: float) -> Verdict:
        """The verdict at `at` (Unix time)."""
        address = self._client_address(asked)
        stranger = Verdict(address=address, bucket=place_of(address))
        scheme, _, token = asked.authorization.partition(" ")
        if scheme.lower() != "bearer":
            return stranger
        token = token.strip()
        try:
            caller = self._verifier.verify(token, at=at)
        except UnknownKey:
            return replace(stranger, refusal=TOKEN_INVALID, is_key_unknown=True)
        except BadToken:
            return replace(stranger, refusal=TOKEN_INVALID)
        sealed = seal(caller, key=self._caller_key, at=at)
        unsettled = None if self._verifier.is_settled(token) else token
        return replace(stranger, bucket=str(caller.id), caller=sealed, known=caller, unsettled=unsettled)

    def document(
        self, refusal: Refusal, *, method: str, origin: str | None, trace: Mapping[str, str]
    ) -> tuple[list[tuple[str, str]], bytes]:
        """The headers and body of a refusal: a problem document (RFC 9457), readable by the pages we allow."""
        phrase = HTTPStatus(refusal.status).phrase
        problem = {"type": "about:blank", "title": phrase, "status": refusal.status, "code": refusal.code}
        body = json.dumps(problem | {"request_id": trace["request_id"]}).encode()
        headers = [
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "private, no-store"),
            ("X-Request-ID", trace["request_id"]),
            ("traceparent", trace["traceparent"]),
            *self._headers,
        ]
        if refusal.header:
            headers.append(refusal.header)
        if origin in self._allowed_origins:
            headers += [("Access-Control-Allow-Origin", str(origin)), ("Vary", "Origin")]
        metrics.REFUSALS.labels(refusal.code).inc()
        log.info("refused", method=method, status=refusal.status, code=refusal.code, **trace)
        return headers, body

    def _client_address(self, asked: Asked) -> str:
        hops = [hop.strip() for hop in asked.forwarded_for.split(",") if hop.strip()]
        if self._trusted_proxies and len(hops) >= self._trusted_proxies:
            return hops[-self._trusted_proxies]
        return asked.peer
