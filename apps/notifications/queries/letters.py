"""What a mail says: composed when it is sent, in the reader's language and time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
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

from apps.notifications import rules
from apps.notifications.errors import LinkRanOut
from apps.notifications.models import Mail
from apps.notifications.queries import words
from apps.notifications.queries.links import unsubscribe_url
from apps.notifications.types import Attachment, Duty, Kind, Letter
from apps.payments import api as payments
from apps.users import api as users
from apps.users.types import Contact, MailedLink
from learninghub.readable import in_groups, language_for

_TEMPLATES = Path(__file__).parent.parent / "templates"
_FOLDER = "notifications/mail"
_EMPTY_LINES = re.compile(r"\n\s*\n")
_CALM = {"light": "#2f4858", "dark": "#8fb3c9"}
_ALERT = {"light": "#a4501f", "dark": "#f0a574"}
_PROUD = {"light": "#2e6b4f", "dark": "#86cfa9"}
_GOLD = {"light": "#8a6414", "dark": "#e6c069"}


@dataclass(frozen=True, slots=True)
class Look:
    """How mails of a kind look: their colours by day and night, and their sign."""

    tone: Mapping[str, str] = field(default_factory=lambda: _CALM)
    seal: str = ""


_PLAIN = Look()
_LOOKS = {
    Kind.ADDRESS_CHANGING: Look(_ALERT, "!"),
    Kind.PASSWORD_CHANGED: Look(_ALERT),
    Kind.SUSPICIOUS_LOGIN: Look(_ALERT, "!"),
    Kind.STOLEN_SESSION: Look(_ALERT, "!"),
    Kind.COMPLETION: Look(_PROUD, "✓"),
    Kind.CERTIFICATE: Look(_GOLD, "✦"),
    Kind.CERTIFICATE_REVOKED: Look(_ALERT),
    Kind.BADGE: Look(_GOLD, "★"),
    Kind.REVIEW_HIDDEN: Look(_ALERT),
    Kind.RECEIPT: Look(_PROUD, "✓"),
    Kind.PAYMENT_FAILED: Look(_ALERT, "!"),
    Kind.REFUND: Look(_PROUD, "✓"),
    Kind.REFUND_FAILED: Look(_ALERT, "!"),
    Kind.DISPUTE_LOST: Look(_ALERT),
}
# Where it matters when something happened.
_DATED = frozenset(
    {Kind.ADDRESS_CHANGING, Kind.EMAIL_CHANGED, Kind.PASSWORD_CHANGED, Kind.STOLEN_SESSION, Kind.SUSPICIOUS_LOGIN}
)


def compose(mail: Mail, *, now: datetime) -> Letter:
    """The letter of this mail, with links that are made here and kept nowhere.

    Raises LinkRanOut, and the users' PersonNotFound.
    """
    kind = Kind(mail.kind)
    asked: MailedLink | None = None
    if kind in rules.ASKED_FOR:
        asked = users.get_mailed_link(request_id=UUID(mail.facts["request_id"]))
        if asked.expires_at <= now:
            raise LinkRanOut
    contact = asked.contact if asked else users.get_contact(user_id=mail.user_id)
    with translation.override(language_for(contact.locale)), timezone.override(contact.time_zone):
        return _letter(mail, kind, contact, asked)


def attachments_of(mail: Mail) -> tuple[Attachment, ...]:
    """The invoice or credit note that the mail is about; raises Unavailable while there is no file to be had."""
    if "invoice_id" in mail.facts:
        file = payments.get_document_file(document_id=UUID(mail.facts["invoice_id"]))
    elif "refund_id" in mail.facts:
        file = payments.get_credit_note_file(refund_id=UUID(mail.facts["refund_id"]))
    else:
        return ()
    return (Attachment(file.name, file.content),)


def _letter(mail: Mail, kind: Kind, contact: Contact, asked: MailedLink | None) -> Letter:
    unsubscribe = "" if rules.POLICIES[kind].duty else unsubscribe_url(user_id=mail.user_id, kind=kind)
    look = _LOOKS.get(kind, _PLAIN)
    facts = words.translated(mail.facts)
    context: dict[str, Any] = facts | {
        "language": translation.get_language(),
        "site_name": "Learning Hub",
        "site_url": settings.SITE_URL,
        "greeting": _greeting(contact),
        "label": words.label_of(kind),
        "tone": look.tone,
        "seal": look.seal,
        "link": asked.url if asked else _link(kind, mail.facts),
        "facts": _table(kind, mail, facts, asked),
        "unsubscribe": unsubscribe,
        "reason": _reason(kind),
    }
    context["subject"] = " ".join(_render(kind, "subject.txt", context).split())
    context["preview"] = _render(kind, "preview.txt", context).strip().partition("\n\n")[0]
    context["note"] = _render(kind, "note.txt", context).strip()
    return Letter(
        to=contact.email,
        subject=context["subject"],
        text=_EMPTY_LINES.sub("\n\n", _render(kind, "layout.txt", context).strip()) + "\n",
        html=_render(kind, _html_layout(), context),
        message_id=f"<{mail.id}@{urlsplit(settings.SITE_URL).hostname}>",
        headers=_list_headers(unsubscribe),
    )


def _reason(kind: Kind) -> str:
    match rules.POLICIES[kind].duty:
        case Duty.SECURITY:
            return _("This mail is about the safety of your account, so it cannot be switched off.")
        case Duty.MONEY:
            return _("This mail is about money of yours, so it cannot be switched off.")
    return _("You get this mail because you have not switched off “%(label)s”.") % {"label": words.label_of(kind)}


def _greeting(contact: Contact) -> str:
    """Without the name where the address is not proven: whoever registers it could write to a stranger through it."""
    if not contact.is_verified:
        return _("Hello,")
    return _("Hello %(name)s,") % {"name": " ".join(contact.display_name.split())}


def _render(kind: Kind, layout: str | Template, context: Mapping[str, Any]) -> str:
    chosen = f"{_FOLDER}/{layout}" if isinstance(layout, str) else layout
    return get_template(f"{_FOLDER}/{kind.value}.txt").render({**context, "layout": chosen})


@cache
def _html_layout() -> Template:
    source = (_TEMPLATES / _FOLDER / "layout.mjml").read_text(encoding="utf-8")
    return Template(mrml.to_html(source).content)


def _link(kind: Kind, facts: Mapping[str, Any]) -> str:
    return f"{settings.SITE_URL}/verify/{facts['code']}/" if kind == Kind.CERTIFICATE else ""


def _table(kind: Kind, mail: Mail, facts: Mapping[str, Any], asked: MailedLink | None) -> list[tuple[str, str]]:
    rows = []
    if "course" in facts:
        rows.append((_("Course"), facts["course"]))
    if "amount" in facts:
        rows.append((_("Amount"), facts["amount"]))
    if "number" in facts:
        rows.append((_("Invoice"), facts["number"]))
    if "code" in facts:
        rows.append((_("Code"), in_groups(facts["code"])))
    if "reason" in facts:
        rows.append((_("Reason"), words.reason_of(facts["reason"])))
    if kind in _DATED:
        rows.append((_("When"), _moment(mail.queued_at)))
    if asked:
        rows.append((_("Works until"), _moment(asked.expires_at)))
    return rows


def _moment(moment: datetime) -> str:
    here = timezone.localtime(moment)
    written = date_format(here, _("j F Y, H:i"))
    return f"{written} ({here.tzname()})"


def _list_headers(unsubscribe: str) -> dict[str, str]:
    """One click and it ends (RFC 8058)."""
    if not unsubscribe:
        return {}
    return {"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
