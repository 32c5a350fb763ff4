"""Amounts as people read them: by the currency's own minor unit, in the reader's language."""

from decimal import Decimal

import pytest
from django.utils import translation

from apps.courses.rules import CURRENCIES
from learninghub import money


@pytest.mark.parametrize(
    ("amount", "currency", "english", "german"),
    [
        (123_450, "EUR", "EUR 1,234.50", "1.234,50 EUR"),
        (123_450, "JPY", "JPY 123,450", "123.450 JPY"),
        (123_450, "KWD", "KWD 123.450", "123,450 KWD"),
        (5, "EUR", "EUR 0.05", "0,05 EUR"),
        (0, "JPY", "JPY 0", "0 JPY"),
        (-4_900, "USD", "USD -49.00", "-49,00 USD"),
        (100_000_000_000, "CHF", "CHF 1,000,000,000.00", "1.000.000.000,00 CHF"),
    ],
)
def test_are_written_in_both_languages(amount: int, currency: str, english: str, german: str):
    with translation.override("en"):
        assert money.written(amount, currency).replace("\u00a0", " ") == english
    with translation.override("de"):
        assert money.written(amount, currency).replace("\u00a0", " ") == german


def test_never_break_over_a_line():
    assert " " not in money.written(4_900, "EUR")


def test_of_most_currencies_have_two_places():
    others = {currency: money.digits_of(currency) for currency in CURRENCIES if money.digits_of(currency) != 2}
    assert sorted(currency for currency, digits in others.items() if digits == 3) == [
        "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND",
    ]  # fmt: skip
    assert len([digits for digits in others.values() if digits == 0]) == 16


@pytest.mark.parametrize(
    ("major", "currency", "minor"), [("12.50", "EUR", 1250), ("12", "JPY", 12), ("1.234", "KWD", 1234), ("0", "EUR", 0)]
)
def test_in_major_units_are_minor_ones_and_back(major: str, currency: str, minor: int):
    assert money.in_minor(Decimal(major), currency) == minor
    assert money.in_major(minor, currency) == Decimal(major)


@pytest.mark.parametrize(("major", "currency"), [("12.505", "EUR"), ("12.5", "JPY"), ("0.0001", "KWD")])
def test_finer_than_their_currency_are_refused(major: str, currency: str):
    with pytest.raises(ValueError, match=f"{currency} has"):
        money.in_minor(Decimal(major), currency)
