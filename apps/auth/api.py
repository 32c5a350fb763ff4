"""The door of auth: whose tokens are believed, and whose no longer."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.auth import actions, queries
from apps.auth.types import SessionChange


def public_keys() -> list[dict[str, Any]]:
    """The public halves of all signing keys, as a JWK set's `keys` (RFC 7517)."""
    return queries.public_keys()


def session_changes(*, since: datetime) -> list[SessionChange]:
    """Sessions that ended, or whose older access tokens claim too much, since then; in one statement.

    Rows commit late and out of order: ask each time with a `since` further back than an access token lives.
    """
    return queries.session_changes(since=since)


def session_state(*, session_id: UUID, user_id: UUID) -> SessionChange | None:
    """The session's last change as Redis knows it, a copy: a reason to refuse, never one to believe.

    None where there is no Redis, or it knows of none. Asks no table. Raises learninghub.redis.Down.
    """
    return queries.session_state(session_id=session_id, user_id=user_id)


def note_seen(*, seen: Mapping[tuple[UUID, UUID], datetime]) -> None:
    """These sessions, each with its person, were in use then. Kept in Redis; without effect where it is away."""
    actions.note_seen(seen=seen)


def mint_access(
    *,
    user_id: UUID,
    session_id: UUID,
    roles: Collection[str],
    is_verified: bool,
    now: datetime,
    generation: int = 0,
) -> str:
    """A signed access token, without a look at any table; who asks must know that it is true."""
    return actions.mint_access(
        user_id=user_id,
        session_id=session_id,
        generation=generation,
        roles=roles,
        is_verified=is_verified,
        now=now,
    )
