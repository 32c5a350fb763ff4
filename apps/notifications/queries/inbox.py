"""A person's list of news, in their language."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.notifications import rules
from apps.notifications.models import Notification, Preference
from apps.notifications.types import Kind, Words
from learninghub.http.pagination import Page, PageRequest, paginate

_SENTENCES = {
    Kind.WELCOME: (
        gettext_noop("Welcome"),
        gettext_noop("Your address is confirmed, and everything is open to you now."),
    ),
    Kind.ADDRESS_CHANGING: (
        gettext_noop("A new e-mail address"),
        gettext_noop("Someone asked to change the e-mail address of your account."),
    ),
    Kind.PASSWORD_CHANGED: (
        gettext_noop("Your password was changed"),
        gettext_noop("All other sessions have been ended."),
    ),
    Kind.SUSPICIOUS_LOGIN: (
        gettext_noop("An unusual sign-in"),
        gettext_noop("If it was not you, change your password at once."),
    ),
    Kind.ENROLMENT: (gettext_noop("You are enrolled"), gettext_noop("A place in “%(course)s” is yours.")),
    Kind.COMPLETION: (gettext_noop("You did it"), gettext_noop("You have completed “%(course)s”.")),
    Kind.CERTIFICATE: (
        gettext_noop("Your certificate is here"),
        gettext_noop("The certificate for “%(course)s” is yours."),
    ),
    Kind.CERTIFICATE_REVOKED: (
        gettext_noop("A certificate was revoked"),
        gettext_noop("The certificate for “%(course)s” no longer holds."),
    ),
    Kind.BADGE: (gettext_noop("A new badge"), gettext_noop("You have earned the badge “%(badge)s”.")),
    Kind.IMPORT_FINISHED: (
        gettext_noop("Your import is ready"),
        gettext_noop("The report names every element of the source."),
    ),
}
_IMPORT_FAILED = (
    gettext_noop("Your import did not succeed"),
    gettext_noop("Nothing was changed. The report says why."),
)


def list_for_person(*, user_id: UUID, unread: bool, page: PageRequest) -> Page[Notification]:
    """The person's news, newest first."""
    rows = Notification.objects.filter(user_id=user_id)
    return paginate(rows.filter(read_at__isnull=True) if unread else rows, order_by=("-id",), page=page)


def count_unread(*, user_id: UUID) -> int:
    """How many the person has not read, counted up to a hundred."""
    return len(Notification.objects.filter(user_id=user_id, read_at__isnull=True).values_list("id")[:100])


def list_preferences(*, user_id: UUID) -> list[dict[str, Any]]:
    """Every kind and channel that can be switched off, and whether it is on."""
    off = set(Preference.objects.filter(user_id=user_id).values_list("kind", "channel"))
    return [
        {"kind": kind.value, "channel": channel.value, "is_on": (kind.value, channel.value) not in off}
        for kind, channel in rules.optional()
    ]


def words_of(kind: Kind, facts: Mapping[str, Any]) -> Words:
    """What the list says of it, in the language in force."""
    failed = kind == Kind.IMPORT_FINISHED and not facts["succeeded"]
    title, body = _IMPORT_FAILED if failed else _SENTENCES[kind]
    return Words(_(title), _(body) % facts)
