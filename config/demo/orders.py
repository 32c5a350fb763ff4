"""Orders of the demo: made at the checkout and paid on its page, where Stripe is played and nowhere else."""

from contextlib import suppress
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from apps.payments import api as payments
from apps.payments.errors import StripeRefused
from apps.payments.types import OrderState
from config.demo.story import End
from learninghub.clock import now, turned_back

GOOD_CARD, EMPTY_CARD = "4242424242424242", "4000000000009995"
LATER = timedelta(hours=1)  # than any checkout is open
_CARDS = {End.PAID: (GOOD_CARD,), End.SECOND_CARD: (EMPTY_CARD, GOOD_CARD), End.EXPIRED: (), End.WAITING: ()}
_WITHOUT_MONEY = {End.EXPIRED: OrderState.EXPIRED, End.WAITING: OrderState.PENDING}


class Till(Protocol):
    """Stripe, as it is played: its clock can be set, and its pages take cards that are none."""

    def set_clock(self, *, behind: float) -> object: ...
    def pay(self, session_url: str, *, card: str) -> object: ...


def place(*, user_id: UUID, course_id: UUID, end: End, till: Till, back: timedelta) -> None:
    """Makes the order, unless a start that was cut short has, and sees to its end. Outside any transaction.

    The clock is turned back so far, and so is that of the till.
    """
    with suppress(StripeRefused):  # killed together with us, the till has forgotten it: there will be no such order
        _place(user_id=user_id, course_id=course_id, end=end, till=till, back=back)


def _place(*, user_id: UUID, course_id: UUID, end: End, till: Till, back: timedelta) -> None:
    known = _find(user_id, course_id)
    if known and known in {OrderState.PAID, _WITHOUT_MONEY.get(end)}:
        return
    order = payments.check_out(user_id=user_id, course_id=course_id, now=now())
    if order.order_id is None or order.url is None:
        return
    for card in _CARDS[end]:
        till.pay(order.url, card=card)
        payments.look_again(order_id=order.order_id, now=now())
    if end == End.EXPIRED:
        _let_pass(order.order_id, till=till, back=back)


def _find(user_id: UUID, course_id: UUID) -> OrderState | None:
    """How the learner's newest order stands, also at the till."""
    known = payments.find_order(user_id=user_id, course_id=course_id)
    if known is None or known.state != OrderState.PENDING:
        return known.state if known else None
    payments.look_again(order_id=known.id, now=now())
    known = payments.find_order(user_id=user_id, course_id=course_id)
    return known.state if known else None


def _let_pass(order_id: UUID, *, till: Till, back: timedelta) -> None:
    till.set_clock(behind=(back - LATER).total_seconds())
    with turned_back(back - LATER):
        payments.look_again(order_id=order_id, now=now())
    till.set_clock(behind=back.total_seconds())
