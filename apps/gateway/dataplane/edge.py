"""The gateway inside the one process: a WSGI wrapper that knows callers, limits them, and says who they are."""

import json
import math
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from http import HTTPStatus
from typing import Any

import structlog

from apps.gateway.dataplane.limits import RateLimiter
from apps.gateway.dataplane.tokens import BadToken, TokenVerifier
from learninghub.http.identity import seal
from learninghub.http.places import place_of
from learninghub.observability import trace_from

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

log = structlog.get_logger("learninghub.request")

_CALLER = "HTTP_X_CALLER"
_ADDRESS = "HTTP_X_CLIENT_ADDRESS"
_EXEMPT = ("/healthz", "/readyz")


class Edge:
    """Strips what a client must not say, then limits, verifies and passes on.

    `trusted_proxies` is how many of the rightmost X-Forwarded-For hops are ours; `allowed_origins` are the web pages
    that may read a refusal, `headers` go out with each.
    """

    def __init__(
        self,
        application: Application,
        *,
        verifier: TokenVerifier,
        limiter: RateLimiter,
        caller_key: bytes,
        trusted_proxies: int,
        allowed_origins: Collection[str] = (),
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._application = application
        self._verifier = verifier
        self._limiter = limiter
        self._caller_key = caller_key
        self._trusted_proxies = trusted_proxies
        self._allowed_origins = frozenset(allowed_origins)
        self._headers = tuple(headers)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ.pop(_CALLER, None)
        address = environ[_ADDRESS] = self._client_address(environ)
        scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        at = time.time()
        name = place_of(address)
        if scheme.lower() == "bearer":
            try:
                caller = self._verifier.verify(token.strip(), at=at)
            except BadToken:
                return self.refuse(environ, start_response, 401, "token_invalid", ("WWW-Authenticate", "Bearer"))
            environ[_CALLER] = seal(caller, key=self._caller_key, at=at)
            name = str(caller.id)
        wait = 0.0 if environ["PATH_INFO"] in _EXEMPT else self._limiter.wait(name, at=at)
        if wait:
            return self.refuse(environ, start_response, 429, "too_many", ("Retry-After", str(math.ceil(wait))))
        return self._application(environ, start_response)

    def refuse(
        self, environ: Environ, start_response: StartResponse, status: int, code: str, header: tuple[str, str]
    ) -> Iterable[bytes]:
        """Answers with a problem document instead of the application."""
        phrase = HTTPStatus(status).phrase
        trace = trace_from(request_id=environ.get("HTTP_X_REQUEST_ID"), traceparent=environ.get("HTTP_TRACEPARENT"))
        problem = {"type": "about:blank", "title": phrase, "status": status, "code": code}
        body = json.dumps(problem | {"request_id": trace["request_id"]}).encode()
        headers = [
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "private, no-store"),
            ("X-Request-ID", trace["request_id"]),
            ("traceparent", trace["traceparent"]),
            header,
            *self._headers,
        ]
        origin = environ.get("HTTP_ORIGIN")
        if origin in self._allowed_origins:
            headers += [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]
        log.info("refused", method=environ["REQUEST_METHOD"], status=status, code=code, **trace)
        start_response(f"{status} {phrase}", headers)
        return (body,)

    def _client_address(self, environ: Environ) -> str:
        hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if self._trusted_proxies and len(hops) >= self._trusted_proxies:
            return str(hops[-self._trusted_proxies])
        return str(environ.get("REMOTE_ADDR", ""))
