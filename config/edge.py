"""The gateway in the one process: it asks auth's door for keys and ended sessions instead of calling it over HTTP."""

import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError

from apps.auth import api as auth
from apps.auth.types import AUDIENCE, ISSUER
from apps.gateway.dataplane.edge import Edge, Environ, StartResponse
from apps.gateway.dataplane.limits import Rate, RateLimiter
from apps.gateway.dataplane.tokens import TokenVerifier
from learninghub import bus
from learninghub.clock import now

_LOOK_BACK = timedelta(minutes=6)  # longer than an access token lives
_BURST = 200


class SessionWatch:
    """Passes on what changed in sessions: at once when this process is told, else by asking every few seconds."""

    def __init__(self, edge: Edge, verifier: TokenVerifier) -> None:
        self._edge = edge
        self._verifier = verifier
        self._asked_at = time.monotonic()
        self._lock = threading.Lock()
        bus.subscribe("sessions", lambda _: self.ask())

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if "HTTP_AUTHORIZATION" in environ and self._is_time():
            try:
                self.ask()
            except DatabaseError:
                return self._edge.refuse(environ, start_response, 503, "unavailable", ("Retry-After", "5"))
        return self._edge(environ, start_response)

    def ask(self) -> None:
        """Tells the verifier of every session that changed while its tokens may live."""
        for change in auth.session_changes(since=now() - _LOOK_BACK):
            self._verifier.note(change.session_id, is_ended=change.is_ended, generation=change.generation)

    def _is_time(self) -> bool:
        with self._lock:
            if time.monotonic() - self._asked_at < settings.SESSION_POLL_SECONDS:
                return False
            self._asked_at = time.monotonic()
            return True


def make_edge(application: Callable[..., Iterable[bytes]]) -> SessionWatch:
    """The application behind token check and rate limit."""
    verifier = TokenVerifier(keys=auth.public_keys, issuer=ISSUER, audience=AUDIENCE)
    limiter = RateLimiter(
        Rate(per_minute=settings.REQUESTS_PER_MINUTE, burst=max(_BURST, settings.REQUESTS_PER_MINUTE / 6))
    )
    edge = Edge(
        application,
        verifier=verifier,
        limiter=limiter,
        caller_key=settings.CALLER_KEY,
        trusted_proxies=settings.TRUSTED_PROXIES,
        allowed_origins=settings.CORS_ALLOWED_ORIGINS,
        headers=settings.REFUSAL_HEADERS,
    )
    return SessionWatch(edge, verifier)
