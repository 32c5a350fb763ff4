"""The server says and takes nothing that Stripe's own library does not know."""

import sys
import typing

import pytest
import stripe
from stripe import params
from stripe.params import checkout

from sandbox.stripe import catalogue, payments, refunds
from sandbox.stripe.checkout import CREATE, UPDATE
from sandbox.stripe.routes import ROUTES
from sandbox.stripe.shapes import Choice, Fields, Many, Required
from tests.support.stripe import client_of

TAKEN = {
    "/v1/checkout/sessions": (CREATE, checkout.SessionCreateParams),
    "/v1/checkout/sessions/{}": (UPDATE, checkout.SessionUpdateParams),
    "/v1/customers": (catalogue.CUSTOMER, params.CustomerCreateParams),
    "/v1/payment_intents": (payments.CREATE, params.PaymentIntentCreateParams),
    "/v1/payment_intents/{}/cancel": (payments.CANCEL, params.PaymentIntentCancelParams),
    "/v1/payment_intents/{}/confirm": (payments.CONFIRM, params.PaymentIntentConfirmParams),
    "/v1/prices": (catalogue.PRICE, params.PriceCreateParams),
    "/v1/products": (catalogue.PRODUCT, params.ProductCreateParams),
    "/v1/refunds": (refunds.CREATE, params.RefundCreateParams),
}
SHOWN = {
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "customer": stripe.Customer,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "payment_intent": stripe.PaymentIntent,
    "price": stripe.Price,
    "product": stripe.Product,
    "refund": stripe.Refund,
}


@pytest.mark.parametrize("path", TAKEN)
def test_every_parameter_is_one_of_stripes(path):
    shape, known = TAKEN[path]

    assert any(route.method == "POST" and route.path == path and route.takes is shape for route in ROUTES)
    assert list(_strange(shape, known, "")) == []


@pytest.mark.parametrize("kind", SHOWN)
def test_every_field_is_one_of_stripes_and_none_that_is_always_there_is_missing(stripe_sandbox, client, paid, kind):
    client.customers.create({})
    client.refunds.create({"payment_intent": paid.payment_intent, "amount": 5})
    stripe_sandbox.dispute(paid.payment_intent)
    known = SHOWN[kind].__annotations__
    always = {name for name, type_ in known.items() if not name.isupper() and "Optional" not in str(type_)}

    for thing in stripe_sandbox.objects(kind):
        assert thing.keys() - known.keys() == set()
        assert always - thing.keys() == set()


def test_the_version_is_the_librarys(stripe_sandbox):
    client_of(stripe_sandbox).v1.customers.create({})

    assert stripe_sandbox.events()[0]["api_version"] == stripe.api_version


def _strange(shape, known, where):
    """The names and choices below a shape that the library's type does not have."""
    # The library gives some names to mypy only.
    names = vars(typing) | {"StripeContext": object} | vars(sys.modules[known.__module__])
    hints = typing.get_type_hints(known, names, include_extras=False)
    for name, inner in shape.known.items():
        path, read = f"{where}{name}", inner.read if isinstance(inner, Required) else inner
        if name not in hints:
            yield path
            continue
        if isinstance(read, Many):
            path, read = f"{path}[]", read.shape
        if isinstance(read, Fields):
            (branch,) = [part for part in _parts(hints[name]) if hasattr(part, "__required_keys__")]
            yield from _strange(read, branch, f"{path}.")
        if isinstance(read, Choice):
            words = {part for part in _parts(hints[name]) if isinstance(part, str)}
            yield from (f"{path}={word}" for word in read.values if words and word not in words)


def _parts(hint):
    """What a type is made of, the words of a Literal among them."""
    yield hint
    for part in typing.get_args(hint):
        yield from _parts(part)
