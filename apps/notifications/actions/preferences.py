"""What people want to be told, and how."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from apps.notifications import rules
from apps.notifications.errors import UnsubscribeLinkInvalid
from apps.notifications.models import Preference
from apps.notifications.queries import links
from apps.notifications.types import Channel, Kind


@transaction.atomic
def set_preferences(*, user_id: UUID, wanted: Mapping[tuple[Kind, Channel], bool]) -> None:
    """Switches each named kind and channel on or off; what is not named stays, security mail is never off."""
    known = set(rules.optional())
    for (kind, channel), is_on in wanted.items():
        if (kind, channel) not in known:
            continue
        if is_on:
            Preference.objects.filter(user_id=user_id, kind=kind, channel=channel).delete()
        else:
            Preference.objects.get_or_create(user_id=user_id, kind=kind, channel=channel)


def unsubscribe(*, token: str) -> Kind:
    """Switches off the mail whose link this is; harmless twice. Raises UnsubscribeLinkInvalid."""
    found = links.read_unsubscribe(token)
    if found is None:
        raise UnsubscribeLinkInvalid
    user_id, kind = found
    set_preferences(user_id=user_id, wanted={(kind, Channel.MAIL): False})
    return kind
