"""What the app's own parts pass to each other: kinds of news, channels, the states of a mail, a letter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Kind(StrEnum):
    """One kind of news for a person."""

    VERIFY = "verify"
    WELCOME = "welcome"
    NEW_ADDRESS = "new_address"
    ADDRESS_CHANGING = "address_changing"
    EMAIL_CHANGED = "email_changed"
    RESET = "reset"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  a kind of news
    SUSPICIOUS_LOGIN = "suspicious_login"
    STOLEN_SESSION = "stolen_session"
    ENROLMENT = "enrolment"
    COMPLETION = "completion"
    CERTIFICATE = "certificate"
    CERTIFICATE_REVOKED = "certificate_revoked"
    BADGE = "badge"
    IMPORT_FINISHED = "import_finished"
    REVIEW_POSTED = "review_posted"
    FEEDBACK = "feedback"
    REVIEW_REPLIED = "review_replied"
    REVIEW_HIDDEN = "review_hidden"
    REVIEW_RESTORED = "review_restored"
    REWARD_REVERSED = "reward_reversed"
    RECEIPT = "receipt"
    PAYMENT_FAILED = "payment_failed"
    ORDER_EXPIRED = "order_expired"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    DISPUTE_LOST = "dispute_lost"


class Duty(StrEnum):
    """What people are told whether they like it or not."""

    SECURITY = "security"
    MONEY = "money"


class Wish(StrEnum):
    """What can be asked for behind the link at the foot of a mail."""

    NO_MORE = "no_more"
    NONE_AT_ALL = "none_at_all"
    AGAIN = "again"

    @classmethod
    def read(cls, word: str) -> "Wish":
        """The wish of this name; no more of these mails where there is none, as a mail program's one click has none."""
        return cls(word) if word in set(cls) else cls.NO_MORE


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


LOST = frozenset({MailState.FAILED, MailState.UNKNOWN})
DONE = LOST | {MailState.SENT}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF file that comes with a mail."""

    name: str
    content: bytes


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


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One entry of a person's list, in their language; `facts` are the ids and names its words are made of."""

    id: UUID
    kind: Kind
    title: str
    body: str
    facts: Mapping[str, Any]
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Whether news of a kind goes this way; `label` is what the kind is called."""

    kind: Kind
    channel: Channel
    is_on: bool
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Whose link it is, for which mails, and what they read."""

    user_id: UUID
    kind: Kind
    language: str
