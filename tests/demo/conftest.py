"""A demo with Stripe played beside it; papers are not drawn: half a second each."""

from typing import Any

import pytest

from apps.certificates import clients as certificates
from apps.payments.clients import paper, stripe
from learninghub.breaker import Breaker
from sandbox.stripe import StripeServer


@pytest.fixture
def till(stripe_sandbox: StripeServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> StripeServer:
    settings.STRIPE_SECRET_KEY = stripe_sandbox.secret_key
    settings.STRIPE_API_URL = stripe_sandbox.url
    monkeypatch.setattr(stripe, "breaker", Breaker("stripe under test"))
    return stripe_sandbox


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    for drawer in (paper, certificates):
        monkeypatch.setattr(drawer, "draw", lambda _: b"%PDF-1.7")
