"""A person's list of news, in their language, and what they want to be told."""

from dataclasses import replace
from uuid import UUID

from django.utils import translation

from apps.notifications import rules
from apps.notifications.models import Notification, Preference
from apps.notifications.queries.words import label_of, words_of
from apps.notifications.types import Choice, Kind, News
from apps.users import api as users
from learninghub.http.pagination import Page, PageRequest, paginate
from learninghub.readable import language_for

COUNTED_TO = 100


def list_for_person(*, user_id: UUID, unread: bool, page: PageRequest) -> Page[News]:
    """The person's news, newest first."""
    rows = Notification.objects.filter(user_id=user_id)
    found = paginate(rows.filter(read_at__isnull=True) if unread else rows, order_by=("-id",), page=page)
    with translation.override(language_for(users.get_person(user_id=user_id).locale)):
        return replace(found, results=[_news(row) for row in found.results])


def count_unread(*, user_id: UUID) -> int:
    """How many the person has not read, counted up to a hundred."""
    unread = Notification.objects.filter(user_id=user_id, read_at__isnull=True)
    return len(unread.values_list("id")[:COUNTED_TO])


def list_preferences(*, user_id: UUID) -> list[Choice]:
    """Every kind and channel that can be switched off, and whether it is on."""
    off = set(Preference.objects.filter(user_id=user_id).values_list("kind", "channel"))
    with translation.override(language_for(users.get_person(user_id=user_id).locale)):
        return [
            Choice(kind=kind, channel=channel, is_on=(kind, channel) not in off, label=label_of(kind))
            for kind, channel in rules.optional()
        ]


def _news(row: Notification) -> News:
    words = words_of(Kind(row.kind), row.facts)
    return News(
        id=row.id,
        kind=Kind(row.kind),
        title=words.title,
        body=words.body,
        facts=row.facts,
        created_at=row.created_at,
        read_at=row.read_at,
    )
