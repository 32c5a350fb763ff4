"""The gateway inside the one process: a WSGI wrapper that knows callers, limits them, and says who they are."""

import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from apps.gateway.dataplane.gate import Asked, Gate, Refusal, too_many
from apps.gateway.dataplane.limits import RateLimiter
from learninghub.observability import trace_from

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_CALLER = "HTTP_X_CALLER"
_ADDRESS = "HTTP_X_CLIENT_ADDRESS"
_EXEMPT = ("/healthz", "/readyz")


class Edge:
    """Strips what a client must not say, then limits, verifies and passes on."""

    def __init__(self, application: Application, *, gate: Gate, limiter: RateLimiter) -> None:
        self._application = application
        self._gate = gate
        self._limiter = limiter

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ.pop(_CALLER, None)
        asked = Asked(
            peer=str(environ.get("REMOTE_ADDR", "")),
            authorization=environ.get("HTTP_AUTHORIZATION", ""),
            forwarded_for=environ.get("HTTP_X_FORWARDED_FOR", ""),
        )
        at = time.time()
        verdict = self._gate.judge(asked, at=at)
        wait = 0.0 if environ["PATH_INFO"] in _EXEMPT else self._limiter.wait(verdict.bucket, at=at)
        refusal = too_many(wait) if wait else verdict.refusal
        if refusal:
            return self.refuse(environ, start_response, refusal)
        environ[_ADDRESS] = verdict.address
        if verdict.caller:
            environ[_CALLER] = verdict.caller
        return self._application(environ, start_response)

    def refuse(self, environ: Environ, start_response: StartResponse, refusal: Refusal) -> Iterable[bytes]:
        """Answers with a problem document instead of the application."""
        trace = trace_from(request_id=environ.get("HTTP_X_REQUEST_ID"), traceparent=environ.get("HTTP_TRACEPARENT"))
        headers, body = self._gate.document(
            refusal, method=environ["REQUEST_METHOD"], origin=environ.get("HTTP_ORIGIN"), trace=trace
        )
        start_response(f"{refusal.status} {HTTPStatus(refusal.status).phrase}", headers)
        return (body,)
