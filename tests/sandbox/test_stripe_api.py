"""Objects, errors and lists, as the library of Stripe reads them."""

import http.client
import json

import pytest
import stripe

from tests.support.stripe import basket, client_of


class TestWhoAsks:
    @pytest.mark.parametrize("key", ["sk_test_other", "sk_test_sandboxx"])
    def test_is_refused_without_the_key(self, stripe_sandbox, key):
        stranger = stripe.StripeClient(key, base_addresses={"api": stripe_sandbox.url})
        with pytest.raises(stripe.AuthenticationError) as refused:
            stranger.v1.checkout.sessions.create(basket())

        assert (refused.value.http_status, key in str(refused.value)) == (401, False)
        assert stripe_sandbox.objects("checkout.session") == []

    def test_is_told_the_request_and_the_version(self, client, session):
        headers = client.checkout.sessions.retrieve(session.id).last_response.headers

        assert headers["Request-Id"].startswith("req_")
        assert headers["Stripe-Version"] == stripe.api_version

    def test_is_told_where_nothing_is(self, stripe_sandbox):
        line = http.client.HTTPConnection("127.0.0.1", int(stripe_sandbox.url.rpartition(":")[2]))
        line.request("GET", "/v1/teapots", headers={"Authorization": f"Bearer {stripe_sandbox.secret_key}"})
        answer = line.getresponse()

        assert answer.status == 404
        assert json.loads(answer.read())["error"]["type"] == "invalid_request_error"
        line.close()


class TestParameters:
    @pytest.mark.parametrize(
        ("told", "param", "code"),
        [
            ({"mode": "donation"}, "mode", None),
            ({"colour": "red"}, "colour", "parameter_unknown"),
            ({"success_url": "thanks"}, "success_url", "url_invalid"),
            ({"customer_email": "ada"}, "customer_email", "email_invalid"),
            ({"expires_at": 5}, "expires_at", None),
            ({"line_items": []}, "line_items", "parameter_missing"),
            ({"line_items": [{"price": "price_no", "quantity": 1}]}, "line_items[0][price]", "resource_missing"),
            ({"line_items": [{"price": "price_no"}]}, "line_items[0][quantity]", "parameter_missing"),
            ({"customer": "cus_no"}, "customer", "resource_missing"),
            ({"metadata": {"k" * 41: "v"}}, f"metadata[{'k' * 41}]", None),
            ({"metadata": {"k": "v" * 501}}, "metadata[k]", None),
        ],
        ids=["choice", "unknown", "url", "email", "expires", "none", "price", "quantity", "customer", "key", "value"],
    )
    def test_that_stripe_would_refuse_are_refused(self, stripe_sandbox, client, told, param, code):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.checkout.sessions.create(basket(**told))

        assert (refused.value.param, refused.value.code) == (param, code)
        assert stripe_sandbox.objects("checkout.session") == []

    @pytest.mark.parametrize(
        ("amount", "currency", "code"),
        [(49, "eur", "amount_too_small"), (49, "jpy", "amount_too_small"), (10**8, "eur", "amount_too_large")],
    )
    def test_of_money_keep_to_its_bounds(self, client, amount, currency, code):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.payment_intents.create({"amount": amount, "currency": currency})

        assert (refused.value.param, refused.value.code) == ("amount", code)

    def test_of_metadata_are_added_changed_and_taken_out(self, client):
        customer = client.customers.create({"metadata": {"a": "1", "b": "2"}})
        changed = client.customers.update(customer.id, {"metadata": {"a": "", "b": "3", "c": "4"}})

        assert changed.metadata.to_dict() == {"b": "3", "c": "4"}


class TestPaymentIntents:
    def test_are_confirmed_with_a_card(self, client):
        intent = client.payment_intents.create(
            {"amount": 1000, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
        )
        charge = client.charges.retrieve(intent.latest_charge, {"expand": ["balance_transaction"]})

        assert (intent.status, charge.paid, charge.payment_intent) == ("succeeded", True, intent.id)
        moved = charge.balance_transaction
        assert (moved.amount, moved.fee, moved.net, moved.type) == (1000, 59, 941, "charge")

    @pytest.mark.parametrize(("amount", "currency", "fee"), [(4900, "eur", 99), (500, "jpy", 15), (50, "eur", 26)])
    def test_cost_what_stripe_keeps(self, stripe_sandbox, client, amount, currency, fee):
        told = {"amount": amount, "currency": currency, "confirm": True, "payment_method": "pm_card_visa"}
        client.payment_intents.create(told)

        (moved,) = stripe_sandbox.objects("balance_transaction")
        assert (moved["fee"], moved["net"]) == (fee, amount - fee)

    def test_say_why_a_card_did_not_pay(self, client):
        intent = client.payment_intents.create({"amount": 1000, "currency": "usd"})
        with pytest.raises(stripe.CardError) as refused:
            client.payment_intents.confirm(
                intent.id, {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"}
            )

        error = refused.value
        assert (error.http_status, error.code, error.error.decline_code) == (402, "card_declined", "insufficient_funds")
        assert error.error.payment_intent.status == "requires_payment_method"

    def test_wait_for_the_holder(self, client):
        told = {"payment_method": "pm_card_authenticationRequired", "return_url": "http://hub.test/on"}
        intent = client.payment_intents.create({"amount": 1000, "currency": "usd", "confirm": True} | told)

        assert (intent.status, intent.next_action.redirect_to_url.return_url) == (
            "requires_action",
            "http://hub.test/on",
        )

    def test_are_cancelled_while_unpaid_and_then_no_more(self, client):
        intent = client.payment_intents.create({"amount": 1000, "currency": "usd"})

        assert client.payment_intents.cancel(intent.id).status == "canceled"
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
        assert refused.value.code == "payment_intent_unexpected_state"


class TestRefunds:
    def test_come_in_parts_until_nothing_is_left(self, stripe_sandbox, client, paid):
        def refund(**told):
            return client.refunds.create({"payment_intent": paid.payment_intent} | told)

        first = refund(amount=900, reason="requested_by_customer", metadata={"order": "1"})
        with pytest.raises(stripe.InvalidRequestError) as too_much:
            refund(amount=4001)
        rest = refund()
        with pytest.raises(stripe.InvalidRequestError) as no_more:
            refund()

        assert (first.status, first.amount, rest.amount, first.metadata["order"]) == ("succeeded", 900, 4000, "1")
        assert (too_much.value.param, no_more.value.code) == ("amount", "charge_already_refunded")
        (charge,) = stripe_sandbox.objects("charge")
        assert (charge["amount_refunded"], charge["refunded"]) == (4900, True)
        moved = client.balance_transactions.retrieve(rest.balance_transaction)
        assert (moved.amount, moved.fee, moved.type) == (-4000, 0, "refund")

    def test_are_stated_with_what_the_charge_was_then(self, stripe_sandbox, client, paid):
        for amount in (100, 200):
            client.refunds.create({"payment_intent": paid.payment_intent, "amount": amount})

        told = [event["data"]["object"]["amount_refunded"] for event in stripe_sandbox.events("charge.refunded")]
        after = [event["type"] for event in stripe_sandbox.events()[4:7]]
        assert told == [100, 300]
        assert after == ["charge.refunded", "refund.created", "refund.updated"]

    def test_are_not_for_what_was_not_paid(self, stripe_sandbox, client, session):
        stripe_sandbox.pay(session.url, card="4000000000000002")
        intent = client.checkout.sessions.retrieve(session.id).payment_intent
        with pytest.raises(stripe.InvalidRequestError):
            client.refunds.create({"payment_intent": intent})

        assert stripe_sandbox.objects("refund") == []


class TestDisputes:
    @pytest.mark.parametrize(("status", "net"), [("lost", -6400), ("won", 0)])
    def test_take_the_money_until_they_are_won(self, stripe_sandbox, client, paid, status, net):
        opened = stripe_sandbox.dispute(paid.payment_intent)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.refunds.create({"payment_intent": paid.payment_intent})
        stripe_sandbox.close_dispute(opened["id"], status)

        closed = client.disputes.retrieve(opened["id"])
        assert (opened["status"], closed.status, refused.value.code) == ("needs_response", status, "charge_disputed")
        assert sum(moved.net for moved in closed.balance_transactions) == net
        types = [event["type"] for event in stripe_sandbox.events()[4:]]
        assert types[:3] == ["charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed"]
        assert types[3:] == (["charge.dispute.funds_reinstated"] if status == "won" else [])


class TestLists:
    def test_come_newest_first_in_pages_both_ways(self, client):
        made = [client.customers.create({"name": str(number)}).id for number in range(5)]
        newest = made[::-1]

        first = client.customers.list({"limit": 2})
        second = client.customers.list({"limit": 2, "starting_after": first.data[-1].id})
        back = client.customers.list({"limit": 2, "ending_before": second.data[-1].id})
        assert [one.id for one in first.data + second.data] == newest[:4]
        assert ([one.id for one in back.data], first.has_more, back.has_more) == (newest[1:3], True, True)
        assert [one.id for one in client.customers.list({"limit": 2}).auto_paging_iter()] == newest

    def test_of_events_are_asked_by_time_and_type(self, stripe_sandbox, client, paid):
        stripe_sandbox.advance(100)
        later = client.customers.create({}).created

        since = client.events.list({"created": {"gte": later}}).data
        typed = client.events.list({"types": ["charge.succeeded", "checkout.session.completed"]}).data
        assert [event.type for event in since] == ["customer.created"]
        assert [event.type for event in typed] == ["checkout.session.completed", "charge.succeeded"]
        assert [event.type for event in client.events.list({"type": "payment_intent.*"}).data] == [
            "payment_intent.succeeded",
            "payment_intent.created",
        ]
        assert client.events.retrieve(since[0].id).data.object.object == "customer"

    def test_are_refused_after_what_is_not_there(self, client):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.events.list({"starting_after": "evt_none"})

        assert refused.value.param == "starting_after"


class TestExpanding:
    def test_goes_through_objects_and_lists(self, client, paid):
        listed = client.checkout.sessions.list({"expand": ["data.payment_intent.latest_charge", "data.line_items"]})

        (found,) = listed.data
        assert found.payment_intent.latest_charge.paid is True
        assert found.line_items.data[0].description == "Gardening"

    @pytest.mark.parametrize("path", ["url", "metadata.order", "a.b.c.d.e", "payment_intent.nothing"])
    def test_of_what_cannot_be_expanded_is_refused(self, client, paid, path):
        with pytest.raises(stripe.InvalidRequestError):
            client.checkout.sessions.retrieve(paid.id, {"expand": [path]})

    def test_shows_the_present_where_an_event_keeps_the_past(self, stripe_sandbox, client, paid):
        client.refunds.create({"payment_intent": paid.payment_intent})

        (event,) = client.events.list({"type": "charge.succeeded"}).data
        now = client.charges.retrieve(event.data.object.id, {"expand": ["refunds"]})
        assert (event.data.object.refunded, now.refunded, now.refunds.data[0].amount) == (False, True, 4900)


def test_a_client_that_retries_needs_nothing_else(stripe_sandbox):
    client = client_of(stripe_sandbox, retries=2)

    assert client.v1.customers.create({"name": "Ada"}).name == "Ada"
