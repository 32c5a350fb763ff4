"""Tax within a price: exact to the minor unit, and whole again when the parts are added."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.payments.rules import tax_of_refund, tax_within

AMOUNTS = st.integers(0, 100_000_000)
RATES = st.integers(0, 9_999)


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [
        (11_900, 1_900, 1_900),
        (4_900, 1_900, 782),  # 782.35
        (9_999, 700, 654),  # 654.14
        (1, 1_900, 0),  # 0.16
        (21, 500, 1),
        (105, 10_0, 1),  # 1.04
        (11, 1_000, 1),
        (3, 2_000, 1),  # exactly one half
        (4_900, 0, 0),
    ],
)
def test_a_price_contains_this_much(gross: int, rate: int, tax: int):
    assert tax_within(gross, rate=rate) == tax


@given(AMOUNTS, RATES)
def test_it_is_the_nearest_minor_unit(gross: int, rate: int):
    exact = Fraction(gross * rate, 10_000 + rate)
    assert -Fraction(1, 2) <= exact - tax_within(gross, rate=rate) < Fraction(1, 2)


@given(AMOUNTS.filter(bool), RATES)
def test_something_is_left_of_every_price(gross: int, rate: int):
    assert 0 <= tax_within(gross, rate=rate) < gross


@given(st.lists(st.integers(1, 1_000_000), max_size=20), RATES)
def test_the_shares_of_refunds_make_the_whole_tax(amounts: list[int], rate: int):
    already, shares = 0, []
    for amount in amounts:
        share = tax_of_refund(amount, already=already, rate=rate)
        assert 0 <= share <= amount
        shares.append(share)
        already += amount
    assert sum(shares) == tax_within(already, rate=rate)
