"""What payments tells other apps."""

from enum import StrEnum


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
