"""What payments tells other apps."""

from collections.abc import Sequence
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
    """What a document's file is called, and the hash it is kept under."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A document's file as issued, to go with a mail."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSeen:
    """An event of Stripe's, with what it says of where to look."""

    id: str
    type: str
    created: datetime
    object_id: str
    order_id: UUID | None
    payment_intent_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSeen:
    """A checkout as Stripe has it; amounts in minor units, the currency in capitals."""

    id: str
    url: str
    is_expired: bool
    order_id: UUID | None
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeSeen:
    """Money that Stripe took; the fee, in the currency of our account, is told a little later."""

    id: str
    payment_intent_id: str
    amount: int
    currency: str
    created: datetime
    fee: int | None
    fee_currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineSeen:
    """A try to pay that failed: a bank refused, or its holder was not proven; each has an id of its own."""

    id: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSeen:
    """Money on its way back; `refund_id` is our id of it, where we asked for it."""

    id: str
    refund_id: UUID | None
    amount: int
    created: datetime
    is_settled: bool
    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeSeen:
    """A charge that its cardholder's bank disputes."""

    id: str
    amount: int
    fee: int
    closed_at: datetime
    is_lost: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSeen:
    """All that Stripe has of one order, read at one time."""

    session: SessionSeen
    charge: ChargeSeen | None = None
    decline: DeclineSeen | None = None
    refunds: Sequence[RefundSeen] = ()
    dispute: DisputeSeen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """Where to pay; or, of what costs nothing or is paid for, the enrolment itself."""

    order_id: UUID | None = None
    url: str | None = None
    amount: int
    currency: str
    expires_at: datetime | None = None
    enrollment_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedOrder:
    """An order, where it stands, and whether none of its money went back or is to."""

    id: UUID
    state: OrderState
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """What one UTC day brought in one currency: paid, given back, and of what is left the tax and Stripe's part."""

    day: date
    currency: str
    gross: int
    refunds: int
    tax: int
    fees: int

    @property
    def net(self) -> int:
        return self.gross - self.refunds - self.tax - self.fees
