"""Payment intents, and the charges and balance transactions that come of them."""

from typing import Any

from sandbox.stripe import money
from sandbox.stripe.cards import BY_METHOD, CARDS, UNAUTHENTICATED, Card, Decline
from sandbox.stripe.errors import Refused, invalid
from sandbox.stripe.shapes import (
    Choice,
    Fields,
    Many,
    Required,
    currency,
    email,
    flag,
    metadata,
    text,
    url,
    whole,
)
from sandbox.stripe.world import World, shown

CREATE = Fields(
    amount=Required(whole(most=2**53)),
    currency=Required(currency),
    confirm=flag,
    customer=text(),
    description=text(),
    metadata=metadata,
    payment_method=text(),
    allowed_payment_method_types=Many(Choice("card")),
    receipt_email=email,
    return_url=url,
)
CONFIRM = Fields(payment_method=text(), receipt_email=email, return_url=url)
CANCEL = Fields(
    cancellation_reason=Choice("duplicate", "fraudulent", "requested_by_customer", "abandoned"),
)
_UNPAID = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(world: World, _key: str, params: dict[str, Any]) -> dict[str, Any]:
    money.demand_payable(params["amount"], params["currency"])
    if "customer" in params:
        world.find("customer", params["customer"], param="customer")
    confirms = params.pop("confirm", False)
    intent = begin(world, **params)
    return confirm(world, intent["id"], {}) if confirms else intent


def begin(world: World, *, amount: int, currency: str, **told: Any) -> dict[str, Any]:
    """A payment that somebody means to make."""
    return_url = told.pop("return_url", None)
    method = told.get("payment_method")
    name = world.name("payment_intent")
    intent = world.add(
        "payment_intent",
        id=name,
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        canceled_at=None,
        cancellation_reason=None,
        capture_method="automatic_async",
        client_secret=f"{name}_secret_sandbox",
        confirmation_method="automatic",
        currency=currency,
        last_payment_error=None,
        latest_charge=None,
        next_action=None,
        status="requires_confirmation" if method else "requires_payment_method",
        _return_url=return_url,
        **_DEFAULTS | told,
    )
    world.emit("payment_intent.created", intent)
    return intent


_DEFAULTS: dict[str, Any] = {
    "allowed_payment_method_types": None,
    "customer": None,
    "description": None,
    "metadata": {},
    "payment_method": None,
    "payment_method_types": ["card"],
    "receipt_email": None,
}


def confirm(world: World, key: str, params: dict[str, Any]) -> dict[str, Any]:
    intent = world.find("payment_intent", key)
    _demand(intent, _UNPAID, "confirm")
    if "return_url" in params:
        intent["_return_url"] = params.pop("return_url")
    intent.update(params)
    if intent["payment_method"] is None:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    card = BY_METHOD.get(intent["payment_method"])
    if card is None:
        raise invalid(
            f"No such PaymentMethod: '{intent['payment_method']}'", param="payment_method", code="resource_missing"
        )
    if decline := attempt(world, intent, card):
        raise declined(intent, decline)
    return intent


def cancel(world: World, key: str, params: dict[str, Any]) -> dict[str, Any]:
    intent = world.find("payment_intent", key)
    _demand(intent, _UNPAID, "cancel")
    intent.update(
        status="canceled",
        canceled_at=world.now(),
        cancellation_reason=params.get("cancellation_reason"),
        next_action=None,
    )
    world.emit("payment_intent.canceled", intent)
    return intent


def attempt(world: World, intent: dict[str, Any], card: Card, *, holder: str | None = None) -> Decline | None:
    """Asks the card to pay: it does, does not (the answer says why), or asks its holder first."""
    intent.update(last_payment_error=None, _card=card.number, _holder=holder)
    if card.decline:
        charge = _charge(world, intent, card.decline)
        world.emit("charge.failed", charge)
        _fail(world, intent, card.decline, charge=charge["id"])
        return card.decline
    if card.asks_holder:
        page = f"{world.url}/authenticate/{intent['id']}"
        intent.update(
            status="requires_action",
            payment_method=world.name("payment_method"),
            next_action={
                "type": "redirect_to_url",
                "redirect_to_url": {"url": page, "return_url": intent["_return_url"]},
            },
        )
        world.emit("payment_intent.requires_action", intent)
        return None
    _succeed(world, intent)
    return None


def authenticate(world: World, intent: dict[str, Any], *, is_holder: bool) -> Decline | None:
    """What the card's holder answered to its bank."""
    _demand(intent, ("requires_action",), "authenticate")
    if is_holder:
        _succeed(world, intent)
        return None
    _fail(world, intent, UNAUTHENTICATED)
    return UNAUTHENTICATED


def declined(intent: dict[str, Any], decline: Decline) -> Refused:
    return Refused(
        402,
        decline.message,
        kind="card_error",
        code=decline.code,
        decline_code=decline.reason,
        charge=intent["latest_charge"],
        payment_intent=shown(intent),
    )


def balance(world: World, *, amount: int, currency: str, kind: str, source: str, fee: int = 0) -> str:
    """Money that moved on our account; gives its name."""
    details = [{"amount": fee, "currency": currency, "description": "Stripe processing fees", "type": "stripe_fee"}]
    now = world.now()
    moved = world.add(
        "balance_transaction",
        amount=amount,
        available_on=now + 2 * 86400,
        balance_type="payments",
        currency=currency,
        description=None,
        exchange_rate=None,
        fee=fee,
        fee_details=[detail | {"application": None} for detail in details if fee],
        net=amount - fee,
        reporting_category={"adjustment": "dispute"}.get(kind, kind),
        source=source,
        status="pending",
        type=kind,
    )
    return str(moved["id"])


def _succeed(world: World, intent: dict[str, Any]) -> None:
    charge = _charge(world, intent, None)
    charge["balance_transaction"] = balance(
        world,
        amount=charge["amount"],
        currency=charge["currency"],
        kind="charge",
        source=charge["id"],
        fee=money.fee(charge["amount"], charge["currency"]),
    )
    world.emit("charge.succeeded", charge)
    intent.update(status="succeeded", amount_received=intent["amount"], next_action=None, last_payment_error=None)
    world.emit("payment_intent.succeeded", intent)


def _fail(world: World, intent: dict[str, Any], decline: Decline, *, charge: str | None = None) -> None:
    problem = {"type": "card_error", "code": decline.code, "message": decline.message, "charge": charge}
    if decline.reason:
        problem["decline_code"] = decline.reason
    method = {"id": intent["payment_method"], "object": "payment_method", "type": "card"}
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error={name: value for name, value in problem.items() if value} | {"payment_method": method},
    )
    world.emit("payment_intent.payment_failed", intent)


def _charge(world: World, intent: dict[str, Any], decline: Decline | None) -> dict[str, Any]:
    card = CARDS[intent["_card"]]
    amount = intent["amount"]
    charge = world.add(
        "charge",
        amount=amount,
        amount_captured=0 if decline else amount,
        amount_refunded=0,
        balance_transaction=None,
        billing_details={"address": None, "email": intent["_holder"], "name": None, "phone": None, "tax_id": None},
        captured=decline is None,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        failure_code=decline.code if decline else None,
        failure_message=decline.message if decline else None,
        metadata=dict(intent["metadata"]),
        outcome={
            "network_status": "declined_by_network" if decline else "approved_by_network",
            "reason": (decline.reason or None) if decline else None,
            "risk_level": "normal",
            "seller_message": decline.message if decline else "Payment complete.",
            "type": "issuer_declined" if decline else "authorized",
        },
        paid=decline is None,
        payment_intent=intent["id"],
        payment_method=world.name("payment_method"),
        payment_method_details={
            "type": "card",
            "card": {
                "brand": "visa",
                "country": "US",
                "exp_month": 12,
                "exp_year": 2034,
                "funding": "credit",
                "last4": card.last4,
                "network": "visa",
                "three_d_secure": {"result": "authenticated", "version": "2.2.0"} if card.asks_holder else None,
            },
        },
        receipt_email=intent["receipt_email"],
        receipt_url=None,
        refunded=False,
        status="failed" if decline else "succeeded",
    )
    intent.update(latest_charge=charge["id"], payment_method=charge["payment_method"])
    return charge


def _demand(intent: dict[str, Any], states: tuple[str, ...], what: str) -> None:
    if intent["status"] not in states:
        raise invalid(
            f"You cannot {what} this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
        )
