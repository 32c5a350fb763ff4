"""Reads of sessions and keys."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings

from apps.auth import rules
from apps.auth.models import Session
from apps.auth.types import OpenSession, SessionChange, seen_key, state_key
from learninghub import redis
from learninghub.http.pagination import Page, PageRequest, paginate

log = structlog.get_logger(__name__)

_LONGEST_TIME = 12  # digits


def list_alive(*, user_id: UUID, page: PageRequest, now: datetime) -> Page[OpenSession]:
    """The person's open sessions, youngest first; seen as late as the row or Redis knows."""
    alive = Session.objects.alive(now=now).filter(user_id=user_id)
    found = paginate(alive, order_by=["-started_at", "-id"], page=page)
    seen = _last_seen(found.results, now=now)
    rows = [_as_open(session, seen=seen.get(session.id, session.last_used_at)) for session in found.results]
    return Page(next=found.next, previous=found.previous, results=rows)


def session_state(*, session_id: UUID, user_id: UUID) -> SessionChange | None:
    """The session's last change as Redis knows it, good for refusing only; None where it knows of none. Raises Down."""
    client = redis.client()
    if client is None:
        return None
    key = state_key(session_id=session_id, user_id=user_id)
    kept = client.fetch([key]).get(key)
    try:
        return None if kept is None else SessionChange.from_word(f"{session_id} {kept.decode()}")
    except ValueError:
        log.warning("sessions.unknown_state")
        return None


def is_known_place(*, user_id: UUID, network: str) -> bool:
    """Whether this person has logged in from this network before, as far back as sessions are kept."""
    return bool(network) and Session.objects.filter(user_id=user_id, network=network).exists()


def session_changes(*, since: datetime) -> list[SessionChange]:
    """Sessions that ended, or whose older access tokens claim too much, since then.

    Rows commit late and out of order: ask each time with a `since` further back than an access token lives.
    """
    rows = Session.objects.filter(changed_at__gte=since).order_by("changed_at", "id")
    return [
        SessionChange(session_id=session_id, is_ended=ended_at is not None, generation=generation)
        for session_id, ended_at, generation in rows.values_list("id", "ended_at", "generation")
    ]


def public_keys() -> list[dict[str, Any]]:
    """The public halves of all signing keys, as a JWK set's `keys` (RFC 7517)."""
    return [dict(key.public_jwk) for key in signing_keys()]


def signing_keys() -> tuple[rules.SigningKey, ...]:
    """The keys of the settings: the first signs, the others are still believed."""
    return _load_keys(tuple(settings.JWT_SIGNING_KEYS))


@cache
def _load_keys(pems: tuple[str, ...]) -> tuple[rules.SigningKey, ...]:
    return rules.load_keys(pems)


def _last_seen(sessions: Sequence[Session], *, now: datetime) -> dict[UUID, datetime]:
    """When these sessions were seen after their row was written, as far as Redis knows; at most one wait for it."""
    client = redis.client()
    if client is None:
        return {}
    keys = {seen_key(session_id=session.id, user_id=session.user_id): session for session in sessions}
    try:
        found = client.fetch(keys)
    except redis.Down:
        return {}
    return {
        keys[key].id: min(now, max(keys[key].last_used_at, datetime.fromtimestamp(int(at), UTC)))
        for key, at in found.items()
        if at.isdigit() and len(at) < _LONGEST_TIME
    }


def _as_open(session: Session, *, seen: datetime) -> OpenSession:
    return OpenSession(
        id=session.id,
        user_agent=session.user_agent,
        network=session.network,
        started_at=session.started_at,
        last_used_at=session.last_used_at,
        last_seen_at=seen,
        expires_at=session.expires_at,
    )
