"""Who is calling: made by the edge from a verified token, signed, believed by services for a few seconds."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from uuid import UUID

HEADER = "X-Caller"
ADDRESS_HEADER = "X-Client-Address"
SCOPE_HEADER = "X-Edge-Scope"  # of an answer that may be kept: when it is to be forgotten
LIFETIME_SECONDS = 10
EDGE = "edge"  # the scope of the gateway's own questions; no token carries it


class ForgedCaller(ValueError):
    """The header was not made by the edge, or long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A signed-in person as the token tells: no table is read to know them."""

    id: UUID
    roles: frozenset[str]
    session: UUID
    scopes: frozenset[str] = frozenset()

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def pk(self) -> UUID:
        return self.id


def the_edge() -> Caller:
    """The gateway, where it asks for itself."""
    nobody = UUID(int=0)
    return Caller(id=nobody, roles=frozenset(), session=nobody, scopes=frozenset({EDGE}))


def seal(caller: Caller, *, key: bytes, at: float) -> str:
    """The caller as a header value that holds for a few seconds from `at` (Unix time)."""
    claims = {
        "id": str(caller.id),
        "roles": sorted(caller.roles),
        "session": str(caller.session),
        "scopes": sorted(caller.scopes),
        "at": int(at),
    }
    body = base64.urlsafe_b64encode(json.dumps(claims, separators=(",", ":")).encode()).decode()
    return f"{body}.{_mac(body, key)}"


def unseal(header: str, *, key: bytes, at: float) -> Caller:
    """The caller in the header; raises ForgedCaller."""
    body, _, mac = header.rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(body, key).encode()):
        raise ForgedCaller("signature")
    claims = json.loads(base64.urlsafe_b64decode(body))
    if abs(at - claims["at"]) > LIFETIME_SECONDS:
        raise ForgedCaller("age")
    return Caller(
        id=UUID(claims["id"]),
        roles=frozenset(claims["roles"]),
        session=UUID(claims["session"]),
        scopes=frozenset(claims["scopes"]),
    )


def _mac(body: str, key: bytes) -> str:
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()
