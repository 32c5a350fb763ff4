"""What a mail says: composed when it is sent, in the reader's language and time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import mrml
from django.conf import settings
from django.template import Template
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.notifications import rules
from apps.notifications.models import Mail
from apps.notifications.queries.links import unsubscribe_url
from apps.notifications.types import Kind, Letter
from apps.users import api as users
from apps.users.types import Contact, MailedLink

_TEMPLATES = Path(__file__).parent.parent / "templates"
_FOLDER = "notifications/mail"
_CALM = {"light": "#2f4858", "dark": "#8fb3c9"}
_ALERT = {"light": "#a4501f", "dark": "#f0a574"}
_PROUD = {"light": "#2e6b4f", "dark": "#86cfa9"}


@dataclass(frozen=True, slots=True)
class Look:
    """How mails of a kind look: the word in their corner, their colours by day and night, their sign."""

    label: str
    tone: Mapping[str, str]
    seal: str = ""


_ACCOUNT = gettext_noop("Your account")
_COURSE = gettext_noop("Your courses")
_LOOKS = {
    Kind.ADDRESS_CHANGING: Look(_ACCOUNT, _ALERT, "!"),
    Kind.PASSWORD_CHANGED: Look(_ACCOUNT, _ALERT),
    Kind.SUSPICIOUS_LOGIN: Look(_ACCOUNT, _ALERT, "!"),
    Kind.ENROLMENT: Look(_COURSE, _CALM),
    Kind.COMPLETION: Look(_COURSE, _PROUD, "✓"),
    Kind.CERTIFICATE: Look(_COURSE, _PROUD, "✓"),
    Kind.CERTIFICATE_REVOKED: Look(_COURSE, _ALERT),
    Kind.BADGE: Look(gettext_noop("Your badges"), _PROUD, "★"),
    Kind.IMPORT_FINISHED: Look(_COURSE, _CALM),
}
_PLAIN = Look(_ACCOUNT, _CALM)


def compose(mail: Mail) -> Letter:
    """The letter of this mail, with links that are made here and kept nowhere. Raises the users' PersonNotFound."""
    kind = Kind(mail.kind)
    asked: MailedLink | None = None
    if kind in rules.ASKED_FOR:
        asked = users.get_mailed_link(request_id=UUID(mail.facts["request_id"]))
    contact = asked.contact if asked else users.get_contact(user_id=mail.user_id)
    with translation.override(contact.locale), timezone.override(contact.time_zone):
        return _letter(mail, kind, contact, asked)


def _letter(mail: Mail, kind: Kind, contact: Contact, asked: MailedLink | None) -> Letter:
    unsubscribe = "" if rules.POLICIES[kind].is_security else unsubscribe_url(user_id=mail.user_id, kind=kind)
    look = _LOOKS.get(kind, _PLAIN)
    context: dict[str, Any] = mail.facts | {
        "language": contact.locale,
        "site_name": "Learning Hub",
        "site_url": settings.SITE_URL,
        "greeting": _("Hello %(name)s,") % {"name": contact.display_name},
        "label": _(look.label),
        "tone": look.tone,
        "seal": look.seal,
        "link": asked.url if asked else _link(kind, mail.facts),
        "facts": _table(kind, mail.facts, asked),
        "unsubscribe": unsubscribe,
        "reason": _reason(kind),
    }
    subject = " ".join(_render(kind, "subject.txt", context).split())
    context |= {"subject": subject, "preview": subject, "note": _render(kind, "note.txt", context).strip()}
    return Letter(
        to=contact.email,
        subject=subject,
        text=_render(kind, "layout.txt", context).strip() + "\n",
        html=_render(kind, _html_layout(), context),
        message_id=f"<{mail.id}@{urlsplit(settings.SITE_URL).hostname}>",
        headers=_list_headers(unsubscribe),
    )


def _render(kind: Kind, layout: str | Template, context: Mapping[str, Any]) -> str:
    chosen = f"{_FOLDER}/{layout}" if isinstance(layout, str) else layout
    return get_template(f"{_FOLDER}/{kind.value}.txt").render({**context, "layout": chosen})


@cache
def _html_layout() -> Template:
    source = (_TEMPLATES / _FOLDER / "layout.mjml").read_text(encoding="utf-8")
    return Template(mrml.to_html(source).content)


def _link(kind: Kind, facts: Mapping[str, Any]) -> str:
    return f"{settings.SITE_URL}/verify/{facts['code']}/" if kind == Kind.CERTIFICATE else ""


def _table(kind: Kind, facts: Mapping[str, Any], asked: MailedLink | None) -> list[tuple[str, str]]:
    if asked:
        until = timezone.localtime(asked.expires_at)
        return [(_("Works until"), f"{date_format(until, 'DATETIME_FORMAT')} ({until.tzname()})")]
    return [(_("Code"), facts["code"])] if kind == Kind.CERTIFICATE else []


def _reason(kind: Kind) -> str:
    if rules.POLICIES[kind].is_security:
        return _("You get this mail because it concerns the safety of your account.")
    return _("You get this mail because you learn at Learning Hub.")


def _list_headers(unsubscribe: str) -> dict[str, str]:
    """One click and it ends (RFC 8058)."""
    if not unsubscribe:
        return {}
    return {"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
