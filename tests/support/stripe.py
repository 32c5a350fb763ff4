"""Stripe on localhost, for tests: one server for the whole run, empty before each test that asks for it."""

from collections.abc import Iterator

import pytest
import stripe

from sandbox.stripe import StripeServer, stripe_server


@pytest.fixture(scope="session")
def _stripe_server() -> Iterator[StripeServer]:
    with stripe_server(seed=1) as server:
        yield server


@pytest.fixture
def stripe_sandbox(_stripe_server: StripeServer) -> StripeServer:
    """Delivers nothing by itself: a test posts what `signed` gives."""
    _stripe_server.reset()
    return _stripe_server


def client_of(server: StripeServer, *, retries: int = 0) -> stripe.StripeClient:
    """The library of Stripe itself, which talks to the server."""
    return stripe.StripeClient(server.secret_key, base_addresses={"api": server.url}, max_network_retries=retries)


def basket(**more: object) -> dict[str, object]:
    """What a session for one course is made of."""
    price = {"currency": "eur", "unit_amount": 4900, "product_data": {"name": "Gardening"}}
    return {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": "http://hub.test/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://hub.test/back",
    } | more
