"""Access tokens: signed, short-lived, and believed for as long as their session stands as they say."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import jwt
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.tokens import AccessToken

from apps.auth.queries import signing_keys
from apps.auth.types import ACCESS_LIFETIME, ALGORITHM, AUDIENCE, ISSUER, TOKEN_TYPE, VERIFIED


class _NamedKeyBackend(TokenBackend):
    """Signs with the first of our keys, and says which: simplejwt names no key in the header."""

    def encode(self, payload: dict[str, Any]) -> str:
        key = signing_keys()[0]
        headers = {"kid": key.kid, "typ": "at+jwt"}
        return jwt.encode(payload, key.private_key, algorithm=ALGORITHM, headers=headers)


class _Access(AccessToken):
    lifetime = ACCESS_LIFETIME
    _token_backend = _NamedKeyBackend(ALGORITHM, audience=AUDIENCE, issuer=ISSUER)


def mint_access(
    *,
    user_id: UUID,
    session_id: UUID,
    generation: int,
    roles: Collection[str],
    is_verified: bool,
    now: datetime,
) -> str:
    """A signed access token (RFC 9068) of this session and its generation, good for five minutes from `now`."""
    token = _Access()
    token.payload = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user_id),
        "sid": str(session_id),
        "gen": generation,
        "roles": sorted(roles),
        "scopes": [VERIFIED] if is_verified else [],
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_LIFETIME).timestamp()),
        "jti": uuid4().hex,
        "typ": TOKEN_TYPE,
    }
    return str(token)
