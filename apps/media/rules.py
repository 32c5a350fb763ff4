"""Pure rules of files: names, types, sizes, addresses that expire, and which bytes a Range asks for."""

import hashlib
import hmac
import re
import unicodedata
from datetime import datetime, timedelta

from apps.media.errors import FileTooLarge, RangeNotSatisfiable, TypeNotTaken
from apps.media.types import VIDEOS, Purpose, Size

MEGABYTE = 1024 * 1024
MAX_PIXELS = 25_000_000
MAX_FRAMES = 600
MAX_PIXELS_OF_ALL_FRAMES = 100_000_000
WEBP, AVIF = "image/webp", "image/avif"
QUOTA_OF_INSTRUCTORS = 20_000 * MEGABYTE
QUOTA = 50 * MEGABYTE  # of everyone else, who only has a face to show
ADDRESS_LIFETIME = timedelta(minutes=15)
STORE_ADDRESS_LIFETIME = timedelta(minutes=5)
UPLOAD_LIFETIME = timedelta(hours=1)
KEPT_UNFINISHED = timedelta(hours=24)  # after its form has expired; by then the store has swept what arrived
KEPT_UNUSED = timedelta(days=30)
EDGES = {Size.THUMB: 160, Size.CARD: 640, Size.LARGE: 1920}

PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", WEBP, AVIF})
SOUNDS = frozenset({"audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav"})
# The file that every scanner takes for malware (www.eicar.org), in two pieces, so that none takes this source for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

ARCHIVES = frozenset({"application/zip", "application/gzip"})
# What a browser may show in place. Everything else is only ever saved: above all SVG and HTML, which are programs.
SHOWN_IN_PLACE = PICTURES | VIDEOS | SOUNDS | {"application/pdf", "text/plain", "text/vtt"}
PUBLIC_PURPOSES = frozenset({Purpose.COVER, Purpose.AVATAR})

_TAKEN: dict[Purpose, tuple[frozenset[str] | None, int]] = {
    Purpose.COVER: (PICTURES, 10 * MEGABYTE),
    Purpose.AVATAR: (PICTURES, 5 * MEGABYTE),
    Purpose.RESOURCE: (None, 200 * MEGABYTE),
    Purpose.ARCHIVE: (ARCHIVES, 500 * MEGABYTE),
    Purpose.DOCUMENT: (frozenset({"application/pdf"}), 20 * MEGABYTE),
}
_ALIASES = {
    "application/x-gzip": "application/gzip",
    "application/x-zip-compressed": "application/zip",
    "image/jpg": "image/jpeg",
}
_FORM_OVERHEAD = 64 * 1024
_NEVER_TAKEN = frozenset({"image/svg+xml", "text/html", "application/xhtml+xml"})
_SCRIPT = re.compile(r"(javascript|ecmascript|jscript|livescript|/css$|/xsl)")
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def usual_type(media_type: str) -> str:
    """The one name of a type that goes by several."""
    return _ALIASES.get(media_type, media_type)


def handed_out_as(media_type: str) -> str:
    """The Content-Type of such a file: what a page could load as a script or a style of its own is bytes."""
    return "application/octet-stream" if _SCRIPT.search(media_type) else media_type


def may_upload(*, purpose: Purpose, roles: frozenset[str]) -> bool:
    """Whether people of these roles bring files for the purpose: a face everyone, the rest who makes courses."""
    return purpose == Purpose.AVATAR or (purpose != Purpose.DOCUMENT and not roles.isdisjoint({"instructor", "staff"}))


def quota(roles: frozenset[str]) -> int | None:
    """How many bytes people of these roles may keep; None: as many as they like."""
    if "staff" in roles:
        return None
    return QUOTA_OF_INSTRUCTORS if "instructor" in roles else QUOTA


def quota_words(*, used: int, limit: int, size: int) -> str:
    """Why a file does not fit, in the megabytes people think in."""
    return (
        f"It has {_megabytes(size)} MB; {_megabytes(used)} of your {_megabytes(limit)} MB are in use. "
        "Delete what you no longer need."
    )


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:,.1f}"


def check_body(*, announced: int, sent: int) -> None:
    """Refuses a form that cannot hold the announced file alone, before any of it is read; raises FileTooLarge."""
    if sent > announced + _FORM_OVERHEAD:
        raise FileTooLarge


def check_upload(*, purpose: Purpose, media_type: str, size: int) -> None:
    """Refuses types and sizes the purpose does not take; raises TypeNotTaken, FileTooLarge."""
    types, limit = _TAKEN[purpose]
    if media_type in _NEVER_TAKEN or (types is not None and media_type not in types):
        raise TypeNotTaken(f"{media_type} is not taken for {purpose}.")
    if size > limit:
        raise FileTooLarge(f"At most {limit} bytes for {purpose}.")


def clean_filename(name: str) -> str:
    """The last part of the name without control and separating characters; never empty, at most 120 characters."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join("_" if char in '<>:"|?*;' else char for char in last if unicodedata.category(char)[0] != "C")
    kept = re.sub(r"\s+", " ", kept).strip(" .")
    if len(kept) > 120:
        stem, dot, ending = kept.rpartition(".")
        kept = f"{stem[: 119 - len(ending)]}{dot}{ending}" if dot and len(ending) <= 10 else kept[:120]
    return kept or "file"


def fits_announcement(*, announced: str, found: str) -> bool:
    """Whether bytes found to be of one type may come under the announced one; what cannot be told apart may."""
    vague = {"application/octet-stream", "text/plain", "application/zip"}
    return announced == found or (found in vague and announced not in PICTURES | VIDEOS | ARCHIVES)


def sign(*, key: bytes, words: tuple[str, ...]) -> str:
    """The HMAC-SHA256 of the words, none of which can run into the next."""
    message = b"".join(len(word.encode()).to_bytes(4, "big") + word.encode() for word in words)
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:43]


def is_signed(*, key: bytes, words: tuple[str, ...], signature: str) -> bool:
    """Whether the signature is that of the words, told in the same time for every guess."""
    return hmac.compare_digest(sign(key=key, words=words).encode(), signature.encode())


def expiry(now: datetime) -> int:
    """When an address made now expires, in Unix time; the same for five minutes, so that pages read again match."""
    return (int((now + ADDRESS_LIFETIME).timestamp()) // 300 + 1) * 300


def store_address_lifetime(*, media_type: str, now: datetime, expires: int) -> timedelta:
    """How long the store itself gives a file out: five minutes, and no longer than the address that led there holds.

    What is played has all of that time: players go on asking where they were led once, and seek.
    """
    left = max(timedelta(seconds=1), timedelta(seconds=expires - now.timestamp()))
    return left if media_type in VIDEOS | SOUNDS else min(STORE_ADDRESS_LIFETIME, left)


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The first and last byte a Range header asks for (RFC 9110, section 14.1.2); None for the whole.

    Several ranges at once and other units are answered with the whole, as the RFC allows. Raises RangeNotSatisfiable.
    """
    match = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        start, end = size - length, size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return None
    if start >= size or start > end:
        raise RangeNotSatisfiable(size)
    return start, end
