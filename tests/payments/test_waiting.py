"""Who waits for an order sees soon what Stripe knows, and Stripe is neither asked nor waited for without end."""

import time
from typing import Any

import pytest
import time_machine

from apps.payments import rules
from apps.payments.clients import stripe
from apps.payments.errors import StripeUnavailable
from apps.payments.models import Order
from apps.users.types import Person
from learninghub.clock import now
from tests.support.facts import deliver_all
from tests.support.http import Answer
from tests.support.payments import Shop, has_access

pytestmark = pytest.mark.django_db
SESSION = "/v1/checkout/sessions/*"


def look(shop: Shop, buyer: Person) -> Answer:
    return shop.as_user(buyer).get(f"payments/orders/{Order.objects.get().id}/")


def test_however_often_they_ask_stripe_is_asked_every_few_seconds(shop: Shop, buyer: Person, course: Any) -> None:
    shop.check_out(buyer, course)
    with time_machine.travel(now(), tick=False) as clock:
        assert [look(shop, buyer).json["state"] for _ in range(5)] == ["pending"] * 5
        assert shop.stripe.calls("GET", SESSION) == 1
        clock.shift(rules.LOOK_EVERY)
        assert [look(shop, buyer).json["state"] for _ in range(5)] == ["pending"] * 5
        assert shop.stripe.calls("GET", SESSION) == 2


def test_all_calls_of_a_look_share_one_patience(
    shop: Shop, buyer: Person, course: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.pay(shop.check_out(buyer, course))
    session_id = Order.objects.get().session_id
    shop.stripe.fault("hang_after", method="GET", seconds=60, hang=1.2)  # each is answered late
    assert stripe.look(session_id).charge
    monkeypatch.setattr(stripe, "LOOK_S", 3)
    with pytest.raises(StripeUnavailable):
        stripe.look(session_id)
    assert (shop.stripe.calls("GET", SESSION), shop.stripe.calls("GET", "/v1/refunds")) == (2, 2)
    monkeypatch.setattr(stripe, "LOOK_S", 0)
    with pytest.raises(StripeUnavailable):
        stripe.look(session_id)
    assert shop.stripe.calls("GET", SESSION) == 2


def test_while_stripe_hangs_they_see_what_we_know(
    shop: Shop, buyer: Person, course: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.check_out(buyer, course)
    monkeypatch.setattr(stripe, "LOOK_S", 1.9)
    shop.stripe.fault("hang_before", seconds=60, hang=60)
    began = time.monotonic()
    seen = look(shop, buyer)
    assert (seen.status, seen.json["state"], shop.stripe.calls("GET", SESSION)) == (200, "pending", 1)
    assert time.monotonic() - began < 10


def test_while_stripe_hangs_its_events_are_answered_without_a_call(shop: Shop, buyer: Person, course: Any) -> None:
    shop.pay(shop.check_out(buyer, course))
    calls = shop.stripe.calls()
    shop.stripe.fault("hang_before", seconds=60, hang=60)
    assert shop.tell() == [200] * 4
    assert (shop.stripe.calls(), has_access(buyer, course)) == (calls, False)
    shop.stripe.clear_faults()
    deliver_all()
    assert has_access(buyer, course)
