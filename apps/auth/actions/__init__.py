"""Writes of auth, by topic."""

from apps.auth.actions.access import mint_access
from apps.auth.actions.copies import note_seen
from apps.auth.actions.logins import admit_staff, log_in, sign_up
from apps.auth.actions.rotation import refresh
from apps.auth.actions.sessions import (
    distrust_tokens,
    end_all_sessions,
    end_older_sessions,
    end_session,
    log_out,
    start_session,
    tidy,
)

__all__ = [
    "admit_staff",
    "distrust_tokens",
    "end_all_sessions",
    "end_older_sessions",
    "end_session",
    "log_in",
    "log_out",
    "mint_access",
    "note_seen",
    "refresh",
    "sign_up",
    "start_session",
    "tidy",
]
