"""Rules of tokens and sessions: keys, refresh tokens, lifetimes, and how much of an address is kept."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from apps.auth.types import ALGORITHM

REFRESH_GRACE = timedelta(seconds=20)
REFRESH_LIFETIME = timedelta(days=30)
SESSION_LIFETIME = timedelta(days=180)
MINIMUM_KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the name (RFC 7638) under which its public half is published."""

    kid: str
    private_key: RSAPrivateKey
    public_jwk: dict[str, Any]


def load_keys(pems: Sequence[str]) -> tuple[SigningKey, ...]:
    """The keys in these PEM texts, in order; raises ValueError for what is no RSA key of 2048 bits."""
    return tuple(_load_key(pem) for pem in pems)


def thumbprint(numbers: RSAPublicNumbers) -> str:
    """The name of a public key (RFC 7638, section 3)."""
    members = json.dumps(_required_members(numbers), separators=(",", ":"), sort_keys=True)
    return _encode(sha256(members.encode()).digest())


def refresh_digest(token: str) -> str:
    """What is kept of a refresh token. It has 256 bits of chance, so one plain hash is enough."""
    return sha256(token.encode()).hexdigest()


def next_refresh(*, key: bytes, token: str, salt: bytes) -> str:
    """The token that takes this one's place.

    Made of the old token, of chance kept in its row, and of the house's key: so whoever shows the old token
    again within the grace is given the same successor, and the family never branches.
    """
    return _encode(hmac.digest(key, b"auth.refresh.v1\0" + salt + token.encode(), sha256))


def within_grace(*, consumed_at: datetime, now: datetime) -> bool:
    """Whether a token used before may be shown again: two requests at once, or an answer lost on the way."""
    return now - consumed_at <= REFRESH_GRACE


def truncated_address(address: str) -> str:
    """The network of an address (/24 or /48): a place, not a household. Empty for what is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ip_network((mapped, 24 if mapped.version == 4 else 48), strict=False))


def _load_key(pem: str) -> SigningKey:
    private_key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(private_key, RSAPrivateKey) or private_key.key_size < MINIMUM_KEY_BITS:
        raise ValueError(f"a signing key must be RSA of at least {MINIMUM_KEY_BITS} bits")
    numbers = private_key.public_key().public_numbers()
    kid = thumbprint(numbers)
    return SigningKey(kid, private_key, _required_members(numbers) | {"kid": kid, "use": "sig", "alg": ALGORITHM})


def _required_members(numbers: RSAPublicNumbers) -> dict[str, str]:
    return {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}


def _number(value: int) -> str:
    return _encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
