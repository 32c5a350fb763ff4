"""Names of keys: whose they are and who may see them is part of the name (R26); stdlib only."""

import hashlib
import re
from uuid import UUID

ANON = "anon"  # whoever asks
SCHEMA = 1  # of what is kept: another number leaves the old answers to their end
_AUDIENCE = re.compile(r"anon|[a-z]+|u[0-9a-f-]{36}")


def key(*, app: str, what: str, of: str | UUID, audience: str = ANON) -> str:
    """`v{schema}:{app}:{what}:{of}:{audience}`.

    The audience is ANON, a role, or `person(user_id)`. An id that is not plain is named by its digest.
    """
    if not _AUDIENCE.fullmatch(audience):
        raise ValueError(f"{audience!r} is no audience")
    name = str(of)
    if not re.fullmatch(r"[a-z0-9_-]{1,64}", name):
        name = hashlib.sha256(name.encode()).hexdigest()
    return f"v{SCHEMA}:{app}:{what}:{name}:{audience}"


def person(user_id: UUID | str) -> str:
    """The audience of one person."""
    return f"u{user_id}"
