"""What payments tells other apps."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class OrderState(StrEnum):
    """Where an order stands; rules.py says which comes after which."""

    PENDING = "pending"
    PAID = "paid"
    RETURNING = "returning"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    LOST = "lost"


class RefundState(StrEnum):
    """Where a refund stands: asked for, with the learner, or refused by their bank."""

    REQUESTED = "requested"
    SETTLED = "settled"
    FAILED = "failed"


class RefundReason(StrEnum):
    """Why money goes back."""

    WITHDRAWAL = "withdrawal"
    GOODWILL = "goodwill"
    NOTHING_TO_GIVE = "nothing_to_give"
    MADE_AT_STRIPE = "made_at_stripe"


class Account(StrEnum):
    """The accounts of the ledger: our balance at Stripe, what we earned, tax we owe, what Stripe and disputes cost."""

    STRIPE = "stripe"
    REVENUE = "revenue"
    TAX = "tax"
    FEES = "fees"
    DISPUTES = "disputes"


class EntryKind(StrEnum):
    """What happened that moved money."""

    SALE = "sale"
    FEE = "fee"
    REFUND = "refund"
    DISPUTE = "dispute"


class EventState(StrEnum):
    """Whether what a Stripe event hinted at has been looked at."""

    RECEIVED = "received"
    DONE = "done"


class DocumentKind(StrEnum):
    """What a document says: what was bought, or what of it was given back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An invoice or a credit note as issued: nothing of it changes after, and amounts are in minor units.

    `corrects` is the number of the invoice that a credit note belongs to, `sha256` is empty until the file is drawn.
    """

    id: UUID
    kind: DocumentKind
    number: str
    corrects: str
    order_id: UUID
    user_id: UUID
    course_id: UUID
    seller_name: str
    seller_address: str
    seller_tax_id: str
    buyer_name: str
    buyer_email: str
    language: str
    description: str
    supplied_on: date
    issued_at: datetime
    net: int
    tax_rate: int
    tax: int
    gross: int
    currency: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFile:
    """A document's file as issued, and the hash it is kept under."""

    name: str
    sha256: str
    content: bytes
