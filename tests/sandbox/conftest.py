"""The library of Stripe itself, before the server that plays it."""

import pytest

from tests.support.stripe import basket, client_of


@pytest.fixture
def client(stripe_sandbox):
    return client_of(stripe_sandbox).v1


@pytest.fixture
def session(client):
    return client.checkout.sessions.create(basket())


@pytest.fixture
def paid(stripe_sandbox, client, session):
    """A session that somebody paid."""
    assert stripe_sandbox.pay(session.url).status == 303
    return client.checkout.sessions.retrieve(session.id)
