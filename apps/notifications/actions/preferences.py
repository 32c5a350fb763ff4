"""What people want to be told, and how."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from apps.notifications import rules
from apps.notifications.errors import UnsubscribeLinkInvalid
from apps.notifications.models import Preference
from apps.notifications.queries import links
from apps.notifications.types import Channel, Kind, Wish


@transaction.atomic
def set_preferences(*, user_id: UUID, wanted: Mapping[tuple[Kind, Channel], bool]) -> None:
    """Switches each named kind and channel on or off; what is not named stays, news of the account is never off."""
    known = rules.optional()
    off = [way for way in known if wanted.get(way) is False]
    on = [way for way in known if wanted.get(way) is True]
    Preference.objects.bulk_create(
        [Preference(user_id=user_id, kind=kind, channel=channel) for kind, channel in off], ignore_conflicts=True
    )
    for channel in Channel:
        kinds = [kind for kind, way in on if way == channel]
        if kinds:
            Preference.objects.filter(user_id=user_id, channel=channel, kind__in=kinds).delete()


def stop_mails(*, user_id: UUID) -> None:
    """Switches off all mails that may be; harmless twice."""
    set_preferences(user_id=user_id, wanted={way: False for way in rules.optional() if way[1] == Channel.MAIL})


def unsubscribe(*, token: str, wish: Wish) -> None:
    """Switches off the mails whose link this is, all mails that may be, or those mails on again; harmless twice.

    The link is the authority (RFC 8058). Raises UnsubscribeLinkInvalid.
    """
    link = links.find_subscription(token=token)
    if link is None:
        raise UnsubscribeLinkInvalid
    if wish == Wish.NONE_AT_ALL:
        stop_mails(user_id=link.user_id)
    else:
        set_preferences(user_id=link.user_id, wanted={(link.kind, Channel.MAIL): wish == Wish.AGAIN})
