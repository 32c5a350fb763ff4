"""Rules about addresses, passwords, preferences and mailed links."""

import hmac
import re
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Container
from datetime import timedelta
from enum import StrEnum
from functools import cache
from hashlib import sha256
from uuid import UUID
from zoneinfo import available_timezones

from apps.users.types import LinkPurpose

LINK_LIFETIME = {
    LinkPurpose.VERIFY_EMAIL: timedelta(days=3),
    LinkPurpose.RESET_PASSWORD: timedelta(hours=1),
}
PASSWORD_MIN, PASSWORD_MAX = 8, 256

_LOCALE = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}

# Words of this house, which no list of breached passwords holds.
_HOUSE_WORDS = ("learninghub", "learning hub", "learning-hub")


class PasswordFault(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_COMMON = "too_common"
    TOO_SIMILAR = "too_similar"


def normalise_email(address: str) -> str:
    """The one spelling under which an address is kept: lower case, its domain in ASCII (IDNA).

    Raises ValueError where the domain cannot be written so.
    """
    local, _, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    if not local:
        raise ValueError("an address needs an @")
    return f"{local}@{domain.encode('idna').decode('ascii')}".lower()


def clean_name(name: str) -> str:
    """The name in NFC, single-spaced, with nothing invisible that could break a header or a line."""
    visible = "".join(
        character
        for character in unicodedata.normalize("NFC", name)
        if character.isspace() or character in _JOINERS or unicodedata.category(character) not in _UNPRINTABLE
    )
    return " ".join(visible.split())


def password_faults(*, password: str, email: str, display_name: str, common: Container[str]) -> list[PasswordFault]:
    """Everything wrong with a new password; `common` holds breached ones in lower case.

    Length and a blocklist, no rules of composition: NIST SP 800-63B-4, section 3.1.1.2.
    """
    faults = []
    lowered = unicodedata.normalize("NFKC", password).lower()
    if len(password) < PASSWORD_MIN:
        faults.append(PasswordFault.TOO_SHORT)
    if len(password) > PASSWORD_MAX:
        faults.append(PasswordFault.TOO_LONG)
    if lowered in common or len(set(lowered)) < 3:
        faults.append(PasswordFault.TOO_COMMON)
    words = {*_own_words(email, display_name), *_HOUSE_WORDS}
    if any(word in lowered and len(lowered) - len(word) < 6 for word in words):
        faults.append(PasswordFault.TOO_SIMILAR)
    return faults


def normalise_locale(tag: str) -> str | None:
    """A language tag as `de` or `de-AT` (BCP 47, language and region only); None where it is not one."""
    found = _LOCALE.fullmatch(tag)
    if not found:
        return None
    language, region = found.groups()
    return f"{language.lower()}-{region.upper()}" if region else language.lower()


def is_time_zone(name: str) -> bool:
    """Whether the IANA database knows this zone."""
    return name in _zones()


def link_token(*, key: bytes, purpose: LinkPurpose, request_id: UUID, epoch: int) -> str:
    """The token of a mailed link: the request, and a proof over purpose, request and credential epoch.

    Nothing of it is stored: whoever holds the key computes it again.
    """
    proof = _link_proof(key=key, purpose=purpose, request_id=request_id, epoch=epoch)
    return f"{_encode(request_id.bytes)}.{_encode(proof)}"


def link_request_id(token: str) -> UUID | None:
    """The request that a token speaks of, before anything is proven; None where it is not a token."""
    try:
        return UUID(bytes=_decode(token.partition(".")[0]))
    except ValueError:
        return None


def is_link_genuine(*, token: str, keys: list[bytes], purpose: LinkPurpose, request_id: UUID, epoch: int) -> bool:
    """Whether one of the keys made this token for this purpose, request and epoch."""
    try:
        proof = _decode(token.partition(".")[2])
    except ValueError:
        return False
    return any(
        hmac.compare_digest(proof, _link_proof(key=key, purpose=purpose, request_id=request_id, epoch=epoch))
        for key in keys
    )


def _link_proof(*, key: bytes, purpose: LinkPurpose, request_id: UUID, epoch: int) -> bytes:
    words = f"users.link.v1\0{purpose}\0{request_id}\0{epoch}".encode()
    return hmac.digest(key, words, sha256)


def _own_words(email: str, display_name: str) -> set[str]:
    local, _, domain = email.lower().partition("@")
    words = {email.lower(), local, domain, domain.partition(".")[0], "".join(display_name.lower().split())}
    words |= set(re.split(r"\W+|_", local)) | set(re.split(r"\W+|_", display_name.lower()))
    return {word for word in words if len(word) >= 4}


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
