"""Pure rules of money: tax, documents, how long an order can be given back, what moves between accounts, states."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.payments.types import Account, DocumentKind, OrderState

_PREFIXES = {DocumentKind.INVOICE: "INV", DocumentKind.CREDIT_NOTE: "CN"}
OPEN_FOR = timedelta(minutes=31)  # Stripe keeps a checkout open for 30 minutes at least, counted when it hears of it
HELD_BEYOND = timedelta(minutes=29)  # the time to learn from Stripe how a checkout ended before its seat is let go
LOOK_EVERY = timedelta(seconds=3)  # whoever waits for an order asks every second, or holds a key down
WITHDRAWAL = timedelta(days=14)
_WHOLE = 10_000  # basis points

# Of these, Stripe counts other minor units than ISO 4217 does.
COUNTED_OTHERWISE = frozenset({"ISK", "MGA", "UGX"})

_NEXT = {
    OrderState.PENDING: {OrderState.PAID, OrderState.RETURNING, OrderState.EXPIRED},
    OrderState.EXPIRED: {OrderState.PAID, OrderState.RETURNING},
    OrderState.PAID: {OrderState.REFUNDED, OrderState.LOST},
    OrderState.RETURNING: {OrderState.REFUNDED, OrderState.LOST},
    OrderState.REFUNDED: set[OrderState](),
    OrderState.LOST: set[OrderState](),
}


@dataclass(frozen=True, slots=True)
class Move:
    """An amount, more than nothing, that goes from one account to another."""

    credited: Account
    debited: Account
    amount: int


def may_follow(before: OrderState, after: OrderState) -> bool:
    """Whether an order may go from the one state to the other."""
    return after in _NEXT[before]


def tax_within(gross: int, *, rate: int) -> int:
    """The tax that a gross amount contains, at a rate in basis points below 10,000; half a minor unit is rounded up.

    Net is what remains, so that the two always make the gross again.
    """
    parts = _WHOLE + rate
    return (2 * gross * rate + parts) // (2 * parts)


def tax_of_refund(amount: int, *, already: int, rate: int) -> int:
    """The tax within the next amount to go back, after what has gone already: all shares make the whole tax."""
    return tax_within(already + amount, rate=rate) - tax_within(already, rate=rate)


def series_name(kind: DocumentKind, *, year: int) -> str:
    """The series that documents of this kind and year are numbered in."""
    return f"{_PREFIXES[kind]}-{year}"


def document_number(series: str, serial: int) -> str:
    """What is printed as the number of the series' document, such as INV-2026-000042."""
    return f"{series}-{serial:06}"


def may_withdraw(*, paid_at: datetime, now: datetime) -> bool:
    """Whether a learner may still give a course back without a word."""
    return now < paid_at + WITHDRAWAL


def sale(gross: int, *, tax: int) -> list[Move]:
    """The buyer's money comes in: ours but for the tax."""
    return _moves((Account.REVENUE, Account.STRIPE, gross - tax), (Account.TAX, Account.STRIPE, tax))


def fee(amount: int) -> list[Move]:
    """What Stripe keeps of what it took in."""
    return _moves((Account.STRIPE, Account.FEES, amount))


def refund(gross: int, *, tax: int) -> list[Move]:
    """Money goes back to the buyer, as it came."""
    return _moves((Account.STRIPE, Account.REVENUE, gross - tax), (Account.STRIPE, Account.TAX, tax))


def dispute(amount: int, *, fee: int) -> list[Move]:
    """A bank takes money back, and Stripe a fee for it."""
    return _moves((Account.STRIPE, Account.DISPUTES, amount), (Account.STRIPE, Account.FEES, fee))


def _moves(*moves: tuple[Account, Account, int]) -> list[Move]:
    return [Move(credited, debited, amount) for credited, debited, amount in moves if amount]
