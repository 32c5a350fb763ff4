"""Calls asked twice, and calls that go wrong on request."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from tests.support.stripe import basket, client_of

SESSIONS = "/v1/checkout/sessions"


@pytest.fixture
def hasty(stripe_sandbox):
    """A client that waits a quarter of a second, and does not try again."""
    return stripe.StripeClient(
        stripe_sandbox.secret_key,
        base_addresses={"api": stripe_sandbox.url},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=0.25),
    ).v1


def create(client, key="k", **told):
    return client.checkout.sessions.create(basket(**told), {"idempotency_key": key})


class TestAKey:
    def test_gives_the_first_answer_again(self, stripe_sandbox, client):
        first, second = create(client), create(client)

        assert first.id == second.id
        assert len(stripe_sandbox.objects("checkout.session")) == 1
        assert "Idempotent-Replayed" not in first.last_response.headers
        assert second.last_response.headers["Idempotent-Replayed"] == "true"
        assert second.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]
        assert (stripe_sandbox.calls("POST", SESSIONS), stripe_sandbox.keys()) == (2, {"k": 2})

    def test_does_not_do_for_other_parameters(self, stripe_sandbox, client):
        create(client)
        with pytest.raises(stripe.IdempotencyError) as refused:
            create(client, client_reference_id="other")

        assert refused.value.http_status == 400
        assert len(stripe_sandbox.objects("checkout.session")) == 1

    def test_gives_a_decline_again_and_not_a_mistake(self, stripe_sandbox, client):
        told = {"amount": 900, "currency": "eur", "confirm": True, "payment_method": "pm_card_visa_chargeDeclined"}
        for _ in range(2):
            with pytest.raises(stripe.CardError):
                client.payment_intents.create(told, {"idempotency_key": "declined"})
        with pytest.raises(stripe.InvalidRequestError):
            create(client, mode="donation")

        assert len(stripe_sandbox.objects("payment_intent")) == 1
        assert create(client).status == "open"

    def test_is_forgotten_after_a_day(self, stripe_sandbox, client):
        first = create(client)
        stripe_sandbox.advance(86400)

        assert create(client).id != first.id

    def test_is_in_use_while_the_first_call_is_under_way(self, stripe_sandbox, client, hasty):
        stripe_sandbox.fault("hang_before", method="POST", hang=30)
        with pytest.raises(stripe.APIConnectionError):
            create(hasty)
        with pytest.raises(stripe.StripeError) as refused:
            create(client)

        assert (refused.value.http_status, refused.value.error.code) == (409, "idempotency_key_in_use")


class TestFaults:
    def test_before_the_effect_leave_nothing(self, stripe_sandbox, client):
        stripe_sandbox.fault("fail_before", method="POST", path=SESSIONS)
        with pytest.raises(stripe.APIError) as failed:
            create(client)

        assert (failed.value.http_status, stripe_sandbox.objects("checkout.session")) == (500, [])
        assert create(client).status == "open"

    def test_after_the_effect_keep_it_and_the_answer(self, stripe_sandbox, client):
        stripe_sandbox.fault("fail_after", method="POST", path=SESSIONS)
        for _ in range(2):
            with pytest.raises(stripe.APIError) as failed:
                create(client)

        assert (failed.value.http_status, failed.value.headers["Idempotent-Replayed"]) == (500, "true")
        assert len(stripe_sandbox.objects("checkout.session")) == 1

    def test_by_silence_after_the_effect_give_it_to_who_asks_again(self, stripe_sandbox, client, hasty):
        stripe_sandbox.fault("hang_after", method="POST", path=SESSIONS)
        began = time.monotonic()
        with pytest.raises(stripe.APIConnectionError):
            create(hasty)

        assert time.monotonic() - began < 5
        assert create(client).last_response.headers["Idempotent-Replayed"] == "true"
        assert len(stripe_sandbox.objects("checkout.session")) == 1

    def test_by_silence_before_the_effect_leave_nothing(self, stripe_sandbox, client, hasty):
        stripe_sandbox.fault("hang_before", method="POST", path=SESSIONS, hang=0.3)
        with pytest.raises(stripe.APIConnectionError):
            create(hasty)

        assert stripe_sandbox.objects("checkout.session") == []

    @pytest.mark.parametrize(("mode", "left"), [("cut_before", 0), ("cut_after", 1)])
    def test_by_hanging_up_are_no_answer(self, stripe_sandbox, client, mode, left):
        stripe_sandbox.fault(mode, path=SESSIONS)
        with pytest.raises(stripe.APIConnectionError):
            create(client)

        assert len(stripe_sandbox.objects("checkout.session")) == left

    def test_by_limits_say_when_to_come_back(self, stripe_sandbox, client):
        stripe_sandbox.fault("rate_limit")
        with pytest.raises(stripe.RateLimitError) as limited:
            create(client)

        assert (limited.value.http_status, limited.value.headers["Retry-After"]) == (429, "1")

    def test_by_locks_are_tried_again_by_the_library(self, stripe_sandbox):
        stripe_sandbox.fault("lock_timeout", times=1)

        assert create(client_of(stripe_sandbox, retries=1).v1).status == "open"
        assert stripe_sandbox.calls("POST", SESSIONS) == 2

    def test_come_in_turn_so_often_and_only_there(self, stripe_sandbox, client):
        stripe_sandbox.fault(["fail_before", "rate_limit", "lock_timeout"], method="POST", path="/v1/cust*", times=4)
        statuses = []
        for _ in range(5):
            try:
                statuses.append(client.customers.create({}).last_response.code)
            except stripe.StripeError as failed:
                statuses.append(failed.http_status)

        assert statuses == [500, 429, 409, 500, 200]
        assert create(client).status == "open"

    def test_last_so_long(self, stripe_sandbox, client):
        stripe_sandbox.fault("fail_before", seconds=600)
        for _ in range(3):
            with pytest.raises(stripe.APIError):
                client.customers.list()
        stripe_sandbox.clear_faults()

        assert client.customers.list().data == []

    def test_do_not_keep_others_waiting(self, stripe_sandbox, client, hasty):
        stripe_sandbox.fault("hang_after", path="/v1/customers", hang=30)
        with ThreadPoolExecutor(1) as other:
            hung = other.submit(hasty.customers.create, {})
            assert create(client).status == "open"
            assert isinstance(hung.exception(), stripe.APIConnectionError)


def test_many_threads_leave_no_trace_of_each_other(stripe_sandbox, client, race):
    made = race(lambda number: create(client, key=f"k{number % 4}").id, 16)

    assert len(set(made)) == len(stripe_sandbox.objects("checkout.session")) == 4
