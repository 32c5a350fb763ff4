"""Fixtures of payments: a shop with Stripe beside it."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.payments.clients import paper, stripe
from apps.users.types import Person
from learninghub.breaker import Breaker
from sandbox.stripe import StripeServer
from tests.support.courses import make_course
from tests.support.http import Client
from tests.support.payments import PRICE, Shop
from tests.support.people import make_person


@pytest.fixture
def shop(
    stripe_sandbox: StripeServer,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    client: Client,
    as_user: Callable[[Person], Client],
) -> Shop:
    settings.STRIPE_SECRET_KEY = stripe_sandbox.secret_key
    settings.STRIPE_WEBHOOK_SECRET = stripe_sandbox.webhook_secret
    settings.STRIPE_API_URL = stripe_sandbox.url
    settings.SELLER_TAX_RATE = 1900
    monkeypatch.setattr(stripe, "breaker", Breaker("stripe under test"))
    monkeypatch.setattr(paper, "draw", lambda document: b"%PDF-1.7")  # half a second each; test_paper.py draws
    return Shop(stripe_sandbox, client, as_user)


@pytest.fixture
def buyer(db: None) -> Person:
    return make_person()


@pytest.fixture
def course(db: None) -> Any:
    return make_course(price_amount=PRICE, lessons=1)
