"""The rules of money: properties that hold for every amount."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.payments import rules
from apps.payments.types import Account, OrderState

AMOUNTS = st.integers(min_value=1, max_value=100_000_000)
RATES = st.integers(min_value=0, max_value=9_999)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def held(*moves: rules.Move) -> dict[Account, int]:
    accounts = dict.fromkeys(Account, 0)
    for move in moves:
        accounts[move.debited] += move.amount
        accounts[move.credited] -= move.amount
    return accounts


@given(gross=AMOUNTS, rate=RATES, data=st.data())
def test_a_sale_and_all_its_refunds_leave_nothing(gross: int, rate: int, data: st.DataObject) -> None:
    tax = rules.tax_within(gross, rate=rate)
    moves, already = rules.sale(gross, tax=tax), 0
    while already < gross:
        part = data.draw(st.integers(min_value=1, max_value=gross - already)) if gross - already > 1 else 1
        if len(moves) > 12:
            part = gross - already
        moves += rules.refund(part, tax=rules.tax_of_refund(part, already=already, rate=rate))
        already += part
    assert set(held(*moves).values()) == {0}


@given(gross=AMOUNTS, rate=RATES, fee=st.integers(min_value=0, max_value=10_000))
def test_no_move_is_of_nothing_and_what_one_account_loses_another_gains(gross: int, rate: int, fee: int) -> None:
    moves = [
        *rules.sale(gross, tax=rules.tax_within(gross, rate=rate)),
        *rules.fee(fee),
        *rules.dispute(gross, fee=fee),
    ]
    assert all(move.amount > 0 for move in moves)
    accounts = held(*moves)
    assert sum(accounts.values()) == 0
    assert accounts[Account.STRIPE] == -2 * fee
    assert accounts[Account.DISPUTES] == gross


@pytest.mark.parametrize("state", OrderState)
def test_money_once_given_back_or_lost_is_the_end(state: OrderState) -> None:
    assert not rules.may_follow(OrderState.REFUNDED, state)
    assert not rules.may_follow(OrderState.LOST, state)
    assert not rules.may_follow(state, state)
    assert not rules.may_follow(state, OrderState.PENDING)


def test_two_weeks_are_two_weeks() -> None:
    last = NOON + timedelta(days=14)
    assert rules.may_withdraw(paid_at=NOON, now=last - timedelta(microseconds=1))
    assert not rules.may_withdraw(paid_at=NOON, now=last)
