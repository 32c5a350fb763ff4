"""The door of auth: whose tokens are believed, and whose no longer."""

from collections.abc import Collection
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
