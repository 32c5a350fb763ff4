"""UUIDs that sort by the time they were made."""

import secrets
from uuid import UUID

from learninghub.clock import now


def uuid7() -> UUID:
    """A version 7 UUID: 48 bits of milliseconds, 74 random bits (RFC 9562, section 5.7)."""
    milliseconds = int(now().timestamp() * 1000)
    return UUID(
        int=(milliseconds & 0xFFFFFFFFFFFF) << 80
        | 0x7 << 76
        | secrets.randbits(12) << 64
        | 0b10 << 62
        | secrets.randbits(62)
    )
