"""Reads of sessions and keys."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.auth import rules
from apps.auth.models import Session
from apps.auth.types import SessionChange
from learninghub.http.pagination import Page, PageRequest, paginate


def list_alive(*, user_id: UUID, page: PageRequest, now: datetime) -> Page[Session]:
    """The person's open sessions, youngest first."""
    return paginate(Session.objects.alive(now=now).filter(user_id=user_id), order_by=["-started_at", "-id"], page=page)


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
