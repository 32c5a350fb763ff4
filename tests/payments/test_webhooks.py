"""What Stripe tells: believed when signed just now, kept once, answered at once."""

from typing import Any

import pytest

from apps.payments.actions import webhooks
from apps.payments.errors import StripeRefused
from apps.payments.models import Order, StripeEvent
from apps.payments.types import OrderState
from apps.users.types import Person
from learninghub.clock import now
from tests.support.facts import deliver_all
from tests.support.payments import Shop, has_access, odd_sums

pytestmark = pytest.mark.django_db


def completed(shop: Shop) -> str:
    (event,) = shop.stripe.events("checkout.session.completed")
    return str(event["id"])


@pytest.mark.parametrize("forgery", ["old", "future", "secret", "body", "unsigned"])
def test_a_forged_one_is_refused_and_leaves_nothing(shop: Shop, buyer: Person, course: Any, forgery: str) -> None:
    shop.pay(shop.check_out(buyer, course))
    refused = shop.post(completed(shop), forgery)
    assert (refused.status, refused.json["code"]) == (400, "bad_signature")
    deliver_all()
    assert (StripeEvent.objects.count(), has_access(buyer, course)) == (0, False)


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        pytest.param(b"", "", id="nothing"),
        pytest.param(b"\xff\xfe", "t=1,v1=00", id="not text"),
        pytest.param(b"{}", "t=,v1=", id="empty signature"),
        pytest.param(b"{}", "v1=00", id="no time"),
        pytest.param(b"{}", "t=x,v1=00", id="no number"),
    ],
)
def test_nonsense_is_refused(shop: Shop, body: bytes, signature: str) -> None:
    answer = shop.client.request(
        "POST", "payments/webhooks/stripe/", body=body, headers={"Stripe-Signature": signature}
    )
    assert (answer.status, answer.json["code"]) == (400, "bad_signature")


def test_one_is_kept_once_with_nothing_of_its_contents(shop: Shop, buyer: Person, course: Any) -> None:
    shop.pay(shop.check_out(buyer, course))
    event = completed(shop)
    assert [shop.post(event).status for _ in range(3)] == [200, 200, 200]
    kept = StripeEvent.objects.get()
    assert (kept.id, kept.type, kept.state) == (event, "checkout.session.completed", "received")
    assert kept.order_ref == Order.objects.get().id
    deliver_all()
    kept.refresh_from_db()
    assert (kept.state, kept.attempts, has_access(buyer, course)) == ("done", 1, True)


def test_one_of_a_kind_nobody_knows_or_of_another_shop_is_kept_and_done(shop: Shop) -> None:
    shop.customer_at_stripe()
    assert shop.tell() == [200]
    deliver_all()
    kept = StripeEvent.objects.get()
    assert (kept.type, kept.state, kept.order_ref) == ("customer.created", "done", None)


def test_one_that_comes_before_the_checkout_was_written_down_is_no_worse(
    shop: Shop, buyer: Person, course: Any
) -> None:
    shop.pay(shop.check_out(buyer, course))
    Order.objects.update(session_id="", checkout_url="")  # as if the process had died before
    shop.settle()
    assert (Order.objects.get().state, has_access(buyer, course)) == (OrderState.PAID, True)
    assert odd_sums() == []


def test_a_tale_of_a_payment_is_not_believed_but_looked_into(shop: Shop, buyer: Person, course: Any) -> None:
    shop.pay(shop.check_out(buyer, course))
    event = completed(shop)
    shop.post(event)
    shop.stripe.reset()  # nobody there knows of a payment any more
    with pytest.raises(StripeRefused):
        webhooks.look_into(event_id=event, now=now())
    assert has_access(buyer, course) is False
