"""Amounts of money as people read them."""

from decimal import Decimal

from django.utils import formats, translation

# ISO 4217, table A.1, column "minor unit": the currencies whose minor unit is not a hundredth.
_DIGITS = {
    0: frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()),  # noqa: SIM905
    3: frozenset("BHD IQD JOD KWD LYD OMR TND".split()),  # noqa: SIM905
    4: frozenset("CLF UYW".split()),  # noqa: SIM905
}
_SPACE = "\u00a0"


def digits_of(currency: str) -> int:
    """How many decimal places the currency's minor unit has."""
    return next((digits for digits, currencies in _DIGITS.items() if currency in currencies), 2)


def in_major(amount: int, currency: str) -> Decimal:
    """An amount in minor units as the number of whole ones, with all its decimal places."""
    return Decimal(amount).scaleb(-digits_of(currency))


def in_minor(amount: Decimal, currency: str) -> int:
    """An amount of whole ones in minor units; raises ValueError where it has parts smaller than those."""
    minor = amount.scaleb(digits_of(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{currency} has {digits_of(currency) or 'no'} decimal places.")
    return int(minor)


def written(amount: int, currency: str) -> str:
    """An amount in minor units in the language in force, such as "EUR 1,234.50" and "1.234,50 EUR".

    The code stands for the currency, since "$" is that of many; before the amount in English and after it elsewhere
    (the European Union's style guide, 7.3.3).
    """
    number = formats.number_format(in_major(amount, currency), decimal_pos=digits_of(currency), force_grouping=True)
    parts = (currency, number) if (translation.get_language() or "en").startswith("en") else (number, currency)
    return _SPACE.join(parts)
