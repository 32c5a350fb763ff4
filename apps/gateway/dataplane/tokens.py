"""Access tokens at the edge: verified once, remembered until they expire or their session ends."""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import jwt

from learninghub.http.identity import EDGE, Caller

ALGORITHM = "RS256"
LEEWAY_SECONDS = 30
_REQUIRED = ["exp", "iat", "aud", "iss", "sub", "sid", "gen", "typ"]
_REMEMBERED = 20_000
_LONGEST = 4096
_NOTED = 200_000  # far more sessions than change while an access token lives


class BadToken(ValueError):
    """The access token is malformed, forged, expired, or its session has ended."""


class UnknownKey(BadToken):
    """The access token names a key that we do not hold."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A token that was verified, its session's generation when it was made, and when it expires (Unix time)."""

    caller: Caller
    generation: int
    expires_at: float
    is_settled: bool = False


class TokenVerifier:
    """Tells the caller in an access token.

    `keys` gives the JWKS of auth-service and is asked again only for a `kid` not seen before. What changed in a
    session since its tokens were made is told by `note`.
    """

    def __init__(self, *, keys: Callable[[], Sequence[Mapping[str, Any]]], issuer: str, audience: str) -> None:
        self._fetch_keys = keys
        self._issuer = issuer
        self._audience = audience
        self._keys: dict[str, Any] = {}
        self._verified: OrderedDict[str, Verified] = OrderedDict()
        self._generations: OrderedDict[UUID, float] = OrderedDict()
        self._lock = threading.Lock()

    def verify(self, token: str, *, at: float) -> Caller:
        """The caller of the token; raises BadToken."""
        verified = self._verified.get(token)
        if verified is None:
            verified = self._read(token)
            self._remember(token, verified)
        if at > verified.expires_at + LEEWAY_SECONDS:
            raise BadToken("expired")
        if verified.generation < self._generations.get(verified.caller.session, 0):
            raise BadToken("session ended or changed")
        return verified.caller

    def is_settled(self, token: str) -> bool:
        """Whether `settle` was called for this token, as far back as they are remembered."""
        verified = self._verified.get(token)
        return verified is not None and verified.is_settled

    def settle(self, token: str) -> None:
        """What other processes know of this token's session has been asked for: it is not asked for again."""
        with self._lock:
            verified = self._verified.get(token)
            if verified is not None:
                self._verified[token] = replace(verified, is_settled=True)

    def note(self, session_id: UUID, *, is_ended: bool, generation: int) -> None:
        """Refuses from now on the session's tokens of earlier generations, or all of them when it has ended."""
        with self._lock:
            known = self._generations.get(session_id, 0)
            later = max(known, math.inf if is_ended else generation)
            if not later:
                return  # a session as it began: nothing is to be refused
            self._generations[session_id] = later
            self._generations.move_to_end(session_id)
            while len(self._generations) > _NOTED:
                self._generations.popitem(last=False)

    def renew_keys(self) -> None:
        """Believes from now on the keys that are published now, and no others."""
        self._keys = {str(key["kid"]): jwt.PyJWK(dict(key), algorithm=ALGORITHM) for key in self._fetch_keys()}

    def _read(self, token: str) -> Verified:
        if len(token) > _LONGEST:
            raise BadToken("too long")
        try:
            key = self._key(jwt.get_unverified_header(token).get("kid"))
            claims = jwt.decode(
                token,
                key=key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": _REQUIRED},
            )
            if claims["typ"] != "access":
                raise BadToken("not an access token")
            return Verified(_caller(claims), int(claims["gen"]), float(claims["exp"]))
        except UnknownKey:
            raise
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
            raise BadToken(str(error)) from error

    def _key(self, kid: Any) -> Any:
        if kid not in self._keys:
            self.renew_keys()
        if kid not in self._keys:
            raise UnknownKey("unknown key")
        return self._keys[kid]

    def _remember(self, token: str, verified: Verified) -> None:
        with self._lock:
            self._verified[token] = verified
            while len(self._verified) > _REMEMBERED:
                self._verified.popitem(last=False)


def _caller(claims: Mapping[str, Any]) -> Caller:
    return Caller(
        id=UUID(claims["sub"]),
        roles=frozenset(claims.get("roles", ())),
        session=UUID(claims["sid"]),
        scopes=frozenset(claims.get("scopes", ())) - {EDGE},
    )
