"""What the app's own parts pass to each other: kinds of news, channels, the states of a mail, a letter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """One kind of news for a person."""

    VERIFY = "verify"
    WELCOME = "welcome"
    NEW_ADDRESS = "new_address"
    ADDRESS_CHANGING = "address_changing"
    RESET = "reset"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  a kind of news
    SUSPICIOUS_LOGIN = "suspicious_login"
    ENROLMENT = "enrolment"
    COMPLETION = "completion"
    CERTIFICATE = "certificate"
    CERTIFICATE_REVOKED = "certificate_revoked"
    BADGE = "badge"
    IMPORT_FINISHED = "import_finished"


class Channel(StrEnum):
    """A way to reach a person."""

    MAIL = "mail"
    IN_APP = "in_app"


class MailState(StrEnum):
    """How far a mail has come; unknown is one whose fate SMTP could not tell."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


DONE = frozenset({MailState.SENT, MailState.FAILED, MailState.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail as it is handed to the server; `headers` beyond the usual ones."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """News in the reader's language."""

    title: str
    body: str
