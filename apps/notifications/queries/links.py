"""Links in mails that need no login: made anew each time, signed, never stored."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

from apps.notifications import rules
from apps.notifications.types import Channel, Kind

_SALT = "notifications.unsubscribe"


def unsubscribe_url(*, user_id: UUID, kind: Kind) -> str:
    """Where the person can end mails of this kind."""
    return f"{settings.SITE_URL}/unsubscribe/{Signer(salt=_SALT).sign(f'{user_id}:{kind.value}')}/"


def read_unsubscribe(token: str) -> tuple[UUID, Kind] | None:
    """Whose link it is and for which mails; None where we did not make it."""
    try:
        person, _, kind = Signer(salt=_SALT).unsign(token).partition(":")
    except BadSignature:
        return None
    known = {found.value for found, channel in rules.optional() if channel == Channel.MAIL}
    return (UUID(person), Kind(kind)) if kind in known else None
