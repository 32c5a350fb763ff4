"""Facts that auth states."""

from uuid import UUID

from learninghub.events import event


@event("auth.session_started.v1", key="session_id")
class SessionStarted:
    """A person logged in."""

    session_id: UUID
    user_id: UUID


@event("auth.session_ended.v1", key="session_id")
class SessionEnded:
    """A session is over: by its owner, by a new password, by staff or by a stolen token."""

    session_id: UUID
    user_id: UUID
    reason: str


@event("auth.refresh_reused.v1", key="session_id")
class RefreshReused:
    """A refresh token was shown again after another had taken its place: one of two holders stole it."""

    session_id: UUID
    user_id: UUID


@event("auth.suspicious_login.v1", key="user_id")
class SuspiciousLogin:
    """Someone tries many passwords on an account, or got in from a new place after several wrong ones."""

    user_id: UUID
