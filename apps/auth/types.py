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
LOOK_BACK = timedelta(minutes=6)  # longer than an access token lives: older changes concern no token
SEEN_KEPT = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)  # how often, at most, the use of one session is noted
SESSIONS_TOPIC = "sessions"
SESSIONS_PATH = "/internal/sessions/"
KEYS_PATH = "/.well-known/jwks.json"
_ENDED = "ended"


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

    @property
    def state(self) -> str:
        """`ended`, or the first generation still believed."""
        return _ENDED if self.is_ended else str(self.generation)

    @property
    def word(self) -> str:
        """How it is told: the session and its state."""
        return f"{self.session_id} {self.state}"

    @classmethod
    def from_word(cls, word: str) -> "SessionChange":
        """The change that was told; raises ValueError for what is none."""
        session_id, _, rest = word.partition(" ")
        is_ended = rest == _ENDED
        return cls(session_id=UUID(session_id), is_ended=is_ended, generation=0 if is_ended else int(rest))


def state_key(*, session_id: UUID, user_id: UUID) -> str:
    """Under which Redis keeps the session's state for LOOK_BACK: a copy, good for refusing and nothing else."""
    return f"v1:auth:session:{{{session_id}}}:u{user_id}"


def seen_key(*, session_id: UUID, user_id: UUID) -> str:
    """Under which Redis keeps when the session was last seen (Unix time), in the same slot as its state."""
    return f"v1:auth:seen:{{{session_id}}}:u{user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session as its owner sees it: `last_used_at` tells its last refresh, `last_seen_at` its last request."""

    id: UUID
    user_agent: str
    network: str
    started_at: datetime
    last_used_at: datetime
    last_seen_at: datetime
    expires_at: datetime


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
