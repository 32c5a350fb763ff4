"""Links in mails that need no login: made anew each time, signed, never stored."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

from apps.notifications import rules
from apps.notifications.types import Channel, Kind, Subscription
from apps.users import api as users
from learninghub.readable import language_for

_SALT = "notifications.unsubscribe"


def unsubscribe_url(*, user_id: UUID, kind: Kind) -> str:
    """Where the person can end mails of this kind."""
    return f"{settings.SITE_URL}/unsubscribe/{Signer(salt=_SALT).sign(f'{user_id}:{kind.value}')}/"


def find_subscription(*, token: str) -> Subscription | None:
    """Whose link it is and for which mails; None where we did not make it or the person is gone."""
    try:
        signed, _, kind = Signer(salt=_SALT).unsign(token).partition(":")
    except BadSignature:
        return None
    user_id = UUID(signed)
    person = users.get_people(ids=[user_id]).get(user_id)
    if person is None or (kind, Channel.MAIL) not in rules.optional():
        return None
    return Subscription(user_id=user_id, kind=Kind(kind), language=language_for(person.locale))
