"""Pure rules of money: how much of a price is tax, and how much of a refund; what documents are called."""

from apps.payments.types import DocumentKind

_PREFIXES = {DocumentKind.INVOICE: "INV", DocumentKind.CREDIT_NOTE: "CN"}
_WHOLE = 10_000  # basis points


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
