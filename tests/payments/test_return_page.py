"""The page that Stripe sends buyers back to: it says how the order stands, and nothing of whose it is."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db.models import F

from apps.payments.models import Order
from apps.payments.types import OrderState
from apps.users.types import Person
from tests.support.bills import make_paid_order
from tests.support.http import Answer, Client
from tests.support.payments import Shop
from tests.support.people import email_of

pytestmark = pytest.mark.django_db
GERMAN = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}
AGAIN = "I have paid: look again"


def heading(page: Answer) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.text)
    assert found
    return found[1]


def path_of(url: str) -> str:
    assert url.startswith(f"{settings.SITE_URL}/")
    return url.removeprefix(settings.SITE_URL)


def test_is_where_stripe_leads_who_paid_and_who_left(shop: Shop, client: Client, buyer: Person, course: Any) -> None:
    opened = shop.check_out(buyer, course)
    (session,) = shop.stripe.objects("checkout.session")
    left = client.get(path_of(session["cancel_url"]))
    assert (left.status, heading(left), AGAIN in left.text) == (200, "You have not paid", True)

    came_back = shop.stripe.pay(opened.json["url"])
    assert (came_back.status, came_back.location) == (303, session["success_url"])
    waiting = client.get(path_of(came_back.location))
    assert (waiting.status, heading(waiting), AGAIN in waiting.text) == (200, "Thank you", True)

    shop.settle()
    for url in (came_back.location, session["cancel_url"]):
        paid = client.get(path_of(url))
        assert (paid.status, heading(paid), AGAIN in paid.text) == (200, "The course is yours", False)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (OrderState.PAID, "The course is yours"),
        (OrderState.RETURNING, "Your money comes back"),
        (OrderState.REFUNDED, "This order is closed"),
        (OrderState.LOST, "This order is closed"),
    ],
)
def test_tells_nobody_whose_order_it_is_and_what_of(
    client: Client, buyer: Person, state: OrderState, said: str
) -> None:
    order = make_paid_order(buyer=buyer)
    Order.objects.update(state=state, refunded_amount=F("amount") if state == OrderState.REFUNDED else 0)
    page = client.get(f"/after-checkout/{order.id}/")
    assert (page.status, heading(page)) == (200, said)
    private = [order.course_title, buyer.display_name, email_of(buyer), "49", order.payment_intent_id, str(order.id)]
    assert [word for word in private if word in page.text] == []


def test_says_that_an_order_has_run_out(shop: Shop, client: Client, buyer: Person, course: Any) -> None:
    shop.check_out(buyer, course)
    shop.stripe.advance(32 * 60)
    shop.settle()
    page = client.get(f"/after-checkout/{Order.objects.get().id}/")
    assert (page.status, heading(page)) == (200, "This order has run out")


def test_of_no_order_is_404(client: Client) -> None:
    page = client.get(f"/after-checkout/{uuid4()}/")
    assert (page.status, heading(page), page.headers["Content-Type"]) == (
        404,
        "There is no such order",
        "text/html; charset=utf-8",
    )


def test_asks_stripe_nothing_and_the_database_once(
    shop: Shop, client: Client, buyer: Person, course: Any, queries_of: Any
) -> None:
    order_id = shop.check_out(buyer, course).json["order_id"]
    before = shop.stripe.calls()
    assert queries_of(lambda: client.get(f"/after-checkout/{order_id}/")) == 1
    assert shop.stripe.calls() == before
    assert Order.objects.get().state == OrderState.PENDING


def test_speaks_the_readers_language_and_needs_no_script(client: Client) -> None:
    order = make_paid_order()
    page = client.get(f"/after-checkout/{order.id}/", headers=GERMAN)
    assert '<html lang="de">' in page.text
    assert heading(page) == "Der Kurs gehört Ihnen"
    assert "script" not in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_can_only_be_read(client: Client) -> None:
    order = make_paid_order()
    assert client.post(f"/after-checkout/{order.id}/", {}).status in {403, 405}
    assert Order.objects.get(id=order.id).state == OrderState.PAID
