"""Telling a person something, on every way they want it."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.db import transaction

from apps.courses import api as courses
from apps.notifications import rules
from apps.notifications.models import Mail, Notification, Preference
from apps.notifications.types import Channel, Kind
from apps.users import api as users
from learninghub.jobs import enqueue


@transaction.atomic
def notify(
    *,
    kind: Kind,
    user_id: UUID,
    source_id: UUID,
    now: datetime,
    course_id: UUID | None = None,
    facts: Mapping[str, str | int | bool] = MappingProxyType({}),
) -> None:
    """Puts the news into the person's list and asks for the mail, in the caller's transaction.

    `source_id` is the fact's own id: for one fact and kind there is one notification and one mail.
    The course's title is kept as it is now. An address that is not proven is only written to about the account itself.
    """
    kept = dict(facts)
    if course_id is not None:
        kept |= {"course_id": str(course_id), "course": courses.get_card(course_id=course_id).title}
    off = Preference.objects.filter(user_id=user_id, kind=kind).values_list("channel", flat=True)
    channels = rules.channels_for(
        kind,
        switched_off={Channel(channel) for channel in off},
        is_verified=users.get_contact(user_id=user_id).is_verified,
    )
    if Channel.IN_APP in channels:
        told = {"facts": kept, "created_at": now}
        Notification.objects.get_or_create(user_id=user_id, kind=kind, source_id=source_id, defaults=told)
    if Channel.MAIL in channels:
        mail, is_new = Mail.objects.get_or_create(
            user_id=user_id,
            kind=kind,
            source_id=source_id,
            defaults={"facts": kept, "queued_at": now, "created_at": now},
        )
        if is_new:
            enqueue("notifications.send", mail.id)


@transaction.atomic
def notify_team(
    *, kind: Kind, course_id: UUID, source_id: UUID, now: datetime, facts: Mapping[str, str | bool]
) -> None:
    """Tells every instructor of the course, each as `notify` does."""
    for user_id in courses.list_team(course_id=course_id):
        notify(kind=kind, user_id=user_id, source_id=source_id, now=now, course_id=course_id, facts=facts)
