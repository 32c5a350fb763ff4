"""The gateway inside the one process: a WSGI wrapper that knows callers, limits them, and says who they are."""

import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Protocol

from apps.gateway.dataplane.gate import Asked, Gate, Refusal, Verdict, too_many
from apps.gateway.dataplane.limits import RateLimiter
from learninghub.http.identity import Caller
from learninghub.observability import trace_from

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_CALLER = "HTTP_X_CALLER"
_ADDRESS = "HTTP_X_CLIENT_ADDRESS"
_EXEMPT = ("/healthz", "/readyz")


class Sessions(Protocol):
    """What other processes know of sessions: told of a use, and looked at for a token that is not settled.

    `look` says whether there was anything to look at.
    """

    def look(self, caller: Caller, token: str) -> bool: ...

    def note(self, caller: Caller, *, at: float) -> None: ...


class Edge:
    """Strips what a client must not say, then limits, verifies and passes on."""

    def __init__(
        self, application: Application, *, gate: Gate, limiter: RateLimiter, sessions: Sessions | None = None
    ) -> None:
        self._application = application
        self._sessions = sessions
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
        if not wait and self._learns(verdict):
            verdict = self._gate.judge(asked, at=at)
        refusal = too_many(wait) if wait else verdict.refusal
        if refusal:
            return self.refuse(environ, start_response, refusal)
        environ[_ADDRESS] = verdict.address
        if verdict.caller:
            environ[_CALLER] = verdict.caller
        if self._sessions and verdict.known:
            self._sessions.note(verdict.known, at=at)
        return self._application(environ, start_response)

    def _learns(self, verdict: Verdict) -> bool:
        """Whether something is known of the session now that was not when this was judged."""
        if self._sessions is None or verdict.known is None or verdict.unsettled is None:
            return False
        return self._sessions.look(verdict.known, verdict.unsettled)

    def refuse(self, environ: Environ, start_response: StartResponse, refusal: Refusal) -> Iterable[bytes]:
        """Answers with a problem document instead of the application."""
        trace = trace_from(request_id=environ.get("HTTP_X_REQUEST_ID"), traceparent=environ.get("HTTP_TRACEPARENT"))
        headers, body = self._gate.document(
            refusal, method=environ["REQUEST_METHOD"], origin=environ.get("HTTP_ORIGIN"), trace=trace
        )
        start_response(f"{refusal.status} {HTTPStatus(refusal.status).phrase}", headers)
        return (body,)
