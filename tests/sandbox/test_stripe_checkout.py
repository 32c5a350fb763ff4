"""The Checkout page: what people see, what each test card does, and how a session ends."""

import re

import pytest

from sandbox.stripe import buyer, stripe_server
from tests.support.stripe import basket, client_of

DAY = 86400
PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]
DECLINED = ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def types(server):
    return [event["type"] for event in server.events()]


class TestTheCreatedSession:
    def test_is_open_and_unpaid_with_a_page(self, stripe_sandbox, client):
        told = {"client_reference_id": "order-1", "metadata": {"order": "1"}, "customer_email": "ada@example.org"}
        session = client.checkout.sessions.create(basket(**told))

        assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
        assert (session.amount_total, session.currency, session.livemode) == (4900, "eur", False)
        assert (session.client_reference_id, session.metadata["order"]) == ("order-1", "1")
        assert session.expires_at == session.created + DAY
        assert session.url == f"{stripe_sandbox.url}/pay/{session.id}"
        assert types(stripe_sandbox) == []

    def test_takes_a_price_that_is_there_and_counts(self, client):
        price = client.prices.create({"currency": "usd", "unit_amount": 700, "product_data": {"name": "Hours"}})
        items = [{"price": price.id, "quantity": 3}]
        session = client.checkout.sessions.create(basket(line_items=items))

        (line,) = client.checkout.sessions.line_items.list(session.id).data
        assert (session.amount_total, session.currency) == (2100, "usd")
        assert (line.description, line.quantity, line.amount_total) == ("Hours", 3, 2100)


class TestThePage:
    def test_shows_what_is_bought_the_sum_and_the_way_out(self, session):
        page = buyer.look(session.url)

        assert page.status == 200
        for words in ("<title>Pay EUR 49.00</title>", "Gardening", 'href="http://hub.test/back"', "<label for=number>"):
            assert words in page.text

    def test_needs_no_script_and_asks_nobody_else(self, session):
        text = buyer.look(session.url).text

        assert not any(word in text for word in ("<script", "@import", "url("))
        assert re.findall(r'(?:src|srcset|data|action)="?([^" >]+)', text) == [f"/pay/{session.id}"]

    def test_writes_words_of_others_as_words(self, client):
        price = {"currency": "eur", "unit_amount": 4900, "product_data": {"name": "<b>A & B</b>"}}
        session = client.checkout.sessions.create(basket(line_items=[{"price_data": price, "quantity": 1}]))

        assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in buyer.look(session.url).text

    @pytest.mark.parametrize(
        ("typed", "field", "words"),
        [
            ({"card": "4111"}, "number", "test card"),
            ({"email": "ada"}, "email", "e-mail"),
            ({"expiry": "12/20"}, "expiry", "expired"),
            ({"expiry": "13/34"}, "expiry", "month and year"),
            ({"cvc": "1"}, "cvc", "three digits"),
        ],
        ids=["number", "email", "past", "month", "cvc"],
    )
    def test_says_which_field_is_wrong_and_charges_nothing(self, stripe_sandbox, session, typed, field, words):
        page = buyer.pay(session.url, **typed)

        assert page.status == 400
        assert re.search(rf'id={field} [^>]*aria-invalid=true aria-describedby="{field}-wrong"', page.text)
        assert words in page.text
        assert types(stripe_sandbox) == []

    def test_of_nothing_is_not_found(self, stripe_sandbox):
        assert buyer.look(f"{stripe_sandbox.url}/pay/cs_test_none").status == 404


class TestACardThatPays:
    def test_completes_the_session_and_leads_on(self, stripe_sandbox, client, session):
        seen = stripe_sandbox.pay(session.url)

        assert (seen.status, seen.location) == (303, f"http://hub.test/thanks?session={session.id}")
        session = client.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
        assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
        assert session.customer_details.email == "ada@example.org"
        assert (session.payment_intent.status, session.payment_intent.amount_received) == ("succeeded", 4900)
        assert session.payment_intent.latest_charge.payment_method_details.card.last4 == "4242"
        assert types(stripe_sandbox) == PAID

    def test_is_charged_once_by_two_who_press_at_once(self, stripe_sandbox, session, race):
        seen = race(lambda _: stripe_sandbox.pay(session.url).status, 4)

        assert sorted(seen) == [200, 200, 200, 303]
        assert len(stripe_sandbox.objects("charge")) == 1

    def test_says_so_to_who_comes_back(self, paid, stripe_sandbox):
        page = buyer.look(f"{stripe_sandbox.url}/pay/{paid.id}")

        assert page.status == 200
        assert "This order is paid" in page.text
        assert f"http://hub.test/thanks?session={paid.id}" in page.text

    def test_carries_the_words_for_the_payment(self, stripe_sandbox, client):
        told = {"metadata": {"order": "7"}, "description": "Order 7"}
        session = client.checkout.sessions.create(basket(payment_intent_data=told))
        stripe_sandbox.pay(session.url)

        (charge,) = stripe_sandbox.objects("charge")
        assert (charge["metadata"], charge["description"]) == ({"order": "7"}, "Order 7")


class TestACardThatDoesNotPay:
    @pytest.mark.parametrize(
        ("card", "reason"),
        [("4000000000000002", "generic_decline"), ("4000 0000 0000 9995", "insufficient_funds")],
        ids=["generic", "funds"],
    )
    def test_leaves_the_session_open(self, stripe_sandbox, client, session, card, reason):
        seen = stripe_sandbox.pay(session.url, card=card)

        assert (seen.status, "role=alert>Your card" in seen.text) == (402, True)
        session = client.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
        assert (session.status, session.payment_status) == ("open", "unpaid")
        assert session.payment_intent.last_payment_error.decline_code == reason
        assert types(stripe_sandbox) == DECLINED

    def test_may_be_followed_by_one_that_does(self, stripe_sandbox, session):
        stripe_sandbox.pay(session.url, card="4000000000000002")

        assert stripe_sandbox.pay(session.url).status == 303
        assert types(stripe_sandbox) == DECLINED + PAID[1:]
        assert len(stripe_sandbox.objects("payment_intent")) == 1


@pytest.mark.parametrize("card", ["4000002500003155", "4000002760003184"])
class TestACardThatAsksItsHolder:
    def test_pays_once_the_holder_agreed(self, stripe_sandbox, session, card):
        seen = stripe_sandbox.pay(session.url, card=card)

        assert (seen.status, seen.location) == (303, f"http://hub.test/thanks?session={session.id}")
        assert types(stripe_sandbox) == [PAID[0], "payment_intent.requires_action", *PAID[1:]]

    def test_does_not_where_the_holder_did_not(self, stripe_sandbox, client, session, card):
        seen = stripe_sandbox.pay(session.url, card=card, authenticate=False)

        assert (seen.status, "unable to authenticate" in seen.text) == (402, True)
        assert client.checkout.sessions.retrieve(session.id).status == "open"
        assert types(stripe_sandbox)[1:] == ["payment_intent.requires_action", "payment_intent.payment_failed"]
        assert stripe_sandbox.objects("charge") == []
        assert stripe_sandbox.pay(session.url).status == 303

    def test_is_not_charged_for_a_session_that_expired_meanwhile(self, stripe_sandbox, client, session, card):
        filled = {"email": "ada@example.org", "number": card, "expiry": "12/34", "cvc": "123"}
        question = buyer.fill(session.url, filled).location
        client.checkout.sessions.expire(session.id)

        assert buyer.fill(question, {"answer": "complete"}).status == 410
        assert stripe_sandbox.objects("charge") == []


class TestTheEndOfASession:
    def test_comes_by_the_clock(self, stripe_sandbox, client, session):
        stripe_sandbox.advance(DAY)

        assert types(stripe_sandbox) == ["checkout.session.expired"]
        assert client.checkout.sessions.retrieve(session.id).status == "expired"
        page = stripe_sandbox.pay(session.url)
        assert (page.status, "has expired" in page.text) == (410, True)
        assert types(stripe_sandbox) == ["checkout.session.expired"]

    def test_of_a_clock_that_was_set_back_comes_when_it_is_right_again(self, stripe_sandbox, client):
        today = stripe_sandbox.set_clock()
        stripe_sandbox.set_clock(behind=30 * DAY)
        session = client.checkout.sessions.create(basket())
        assert session.created in range(today - 30 * DAY, today - 30 * DAY + 60)
        assert session.status == "open"
        stripe_sandbox.pay(session.url, card="4000000000000002")
        assert types(stripe_sandbox) == []
        stripe_sandbox.set_clock()

        assert client.checkout.sessions.retrieve(session.id).status == "expired"
        assert types(stripe_sandbox) == ["checkout.session.expired", "payment_intent.canceled"]
        assert stripe_sandbox.events()[0]["created"] >= today

    def test_comes_when_it_is_asked_for_and_cancels_the_payment(self, stripe_sandbox, client, session):
        stripe_sandbox.pay(session.url, card="4000000000000002")
        client.checkout.sessions.expire(session.id)

        assert types(stripe_sandbox)[3:] == ["checkout.session.expired", "payment_intent.canceled"]

    def test_does_not_come_to_a_paid_one(self, stripe_sandbox, paid):
        stripe_sandbox.advance(DAY)

        assert types(stripe_sandbox) == PAID

    def test_names_are_the_same_for_the_same_seed(self):
        names = []
        for _ in range(2):
            with stripe_server(seed=7) as server:
                names.append(client_of(server).v1.checkout.sessions.create(basket()).id)
        assert names[0] == names[1]
