"""What passes the door of auth: how an access token is made up, and which sessions are over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

ISSUER = "learning-hub"
AUDIENCE = "learning-hub-api"
ALGORITHM = "RS256"
TOKEN_TYPE = "access"  # noqa: S105
ACCESS_LIFETIME = timedelta(minutes=5)
VERIFIED = "verified"


class EndReason(StrEnum):
    """Why a session ended."""

    LOGGED_OUT = "logged_out"
    ENDED_BY_OWNER = "ended_by_owner"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    SUSPENDED = "suspended"
    REFRESH_REUSED = "refresh_reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionChange:
    """Access tokens of this session are refused: all of them if it ended, else those of an earlier generation."""

    session_id: UUID
    is_ended: bool
    generation: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a log-in comes from, as the edge saw it."""

    address: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a log-in gives: an access token for some minutes, and a refresh token for the next one."""

    session_id: UUID
    access: str
    refresh: str
