"""The gateway in the one process: it asks auth's door for keys and ended sessions instead of calling it over HTTP."""

import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from django.conf import settings
from django.db import DatabaseError

from apps.auth import api as auth
from apps.auth.types import AUDIENCE, ISSUER, LOOK_BACK, SESSIONS_TOPIC, SessionChange
from apps.gateway.dataplane.edge import Edge, Environ, StartResponse
from apps.gateway.dataplane.gate import UNAVAILABLE, Gate
from apps.gateway.dataplane.limits import RateLimiter, rate_of
from apps.gateway.dataplane.seen import SeenLately
from apps.gateway.dataplane.tokens import TokenVerifier
from learninghub import bus, redis
from learninghub.clock import now
from learninghub.http.identity import Caller


class SessionWatch:
    """Passes on what changed in sessions: at once when this process is told, else by asking every few seconds."""

    def __init__(self, edge: Edge, verifier: TokenVerifier) -> None:
        self._edge = edge
        self._verifier = verifier
        self._asked_at = time.monotonic()
        self._lock = threading.Lock()
        bus.subscribe(SESSIONS_TOPIC, self.hear)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if "HTTP_AUTHORIZATION" in environ and self._is_time():
            try:
                self.ask()
            except DatabaseError:
                return self._edge.refuse(environ, start_response, UNAVAILABLE)
        return self._edge(environ, start_response)

    def ask(self) -> None:
        """Tells the verifier of every session that changed while its tokens may live."""
        for change in auth.session_changes(since=now() - LOOK_BACK):
            self._note(change)

    def hear(self, word: str) -> None:
        """Takes note of one change, told by whoever made it."""
        self._note(SessionChange.from_word(word))

    def _note(self, change: SessionChange) -> None:
        self._verifier.note(change.session_id, is_ended=change.is_ended, generation=change.generation)

    def _is_time(self) -> bool:
        with self._lock:
            if time.monotonic() - self._asked_at < settings.SESSION_POLL_SECONDS:
                return False
            self._asked_at = time.monotonic()
            return True


class SessionCopies:
    """What Redis, where there is one, knows of sessions by the words of other processes."""

    def __init__(self, verifier: TokenVerifier) -> None:
        self._verifier = verifier
        self._seen = SeenLately()
        bus.heal_with(self._write_seen)

    def look(self, caller: Caller, token: str) -> bool:
        """Tells the verifier what Redis knows of the caller's session, a reason to refuse; False for nothing."""
        if redis.client() is None:
            return False
        try:
            change = auth.session_state(session_id=caller.session, user_id=caller.id)
        except redis.Down:
            return False
        self._verifier.settle(token)
        if change is not None:
            self._verifier.note(change.session_id, is_ended=change.is_ended, generation=change.generation)
        return change is not None

    def note(self, caller: Caller, *, at: float) -> None:
        """The caller's session is in use; Redis is told by the thread that hears the bus."""
        if redis.client() is not None:
            self._seen.note(caller, at=at)

    def _write_seen(self, missed: bool) -> None:  # noqa: FBT001  as the bus calls it
        auth.note_seen(seen={one: datetime.fromtimestamp(at, UTC) for one, at in self._seen.take().items()})


def make_edge(application: Callable[..., Iterable[bytes]]) -> SessionWatch:
    """The application behind token check and rate limit."""
    verifier = TokenVerifier(keys=auth.public_keys, issuer=ISSUER, audience=AUDIENCE)
    gate = Gate(
        verifier=verifier,
        caller_key=settings.CALLER_KEY,
        trusted_proxies=settings.TRUSTED_PROXIES,
        allowed_origins=settings.CORS_ALLOWED_ORIGINS,
        headers=settings.REFUSAL_HEADERS,
    )
    limiter = RateLimiter(rate_of(settings.REQUESTS_PER_MINUTE))
    edge = Edge(application, gate=gate, limiter=limiter, sessions=SessionCopies(verifier))
    return SessionWatch(edge, verifier)
