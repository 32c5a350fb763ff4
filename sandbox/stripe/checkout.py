"""Checkout sessions: a basket with a page where somebody pays for it."""

from typing import Any

from sandbox.stripe import catalogue, expanding, money, payments
from sandbox.stripe.cards import Card, Decline
from sandbox.stripe.errors import invalid
from sandbox.stripe.shapes import Choice, Fields, Many, Required, email, metadata, moment, text, url, whole
from sandbox.stripe.world import World

_MINUTE = 60
_DAY = 86400
_SESSION_ID = "{CHECKOUT_SESSION_ID}"

CREATE = Fields(
    cancel_url=url,
    client_reference_id=text(most=200),
    customer=text(),
    customer_creation=Choice("always", "if_required"),
    customer_email=email,
    expires_at=moment,
    line_items=Required(
        Many(Fields(price=text(), price_data=catalogue.PRICE_DATA, quantity=Required(whole(least=1, most=999_999))))
    ),
    locale=Choice("auto", "de", "en"),
    metadata=metadata,
    mode=Required(Choice("payment")),
    payment_intent_data=Fields(description=text(most=1000), metadata=metadata, receipt_email=email),
    allowed_payment_method_types=Many(Choice("card")),
    submit_type=Choice("auto", "book", "donate", "pay"),
    success_url=Required(url),
    ui_mode=Choice("hosted_page"),
)
UPDATE = Fields(metadata=metadata)


def create(world: World, _key: str, params: dict[str, Any]) -> dict[str, Any]:
    items = params.pop("line_items")
    if not items:
        raise invalid("Missing required param: line_items.", param="line_items", code="parameter_missing")
    if "customer" in params and "customer_email" in params:
        raise invalid("You may only specify one of these parameters: customer, customer_email.")
    if "customer" in params:
        world.find("customer", params["customer"], param="customer")
    now = world.now()
    expires_at = params.pop("expires_at", now + _DAY)
    if not now + 30 * _MINUTE <= expires_at <= now + _DAY:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    bought = [_line(world, item, f"line_items[{number}]") for number, item in enumerate(items)]
    currencies = {line["currency"] for line in bought}
    if len(currencies) > 1:
        raise invalid("All line items must have the same currency.", param="line_items")
    total = sum(line["amount_total"] for line in bought)
    money.demand_payable(total, bought[0]["currency"], param="line_items")
    name = world.name("checkout.session")
    return world.add(
        "checkout.session",
        id=name,
        amount_subtotal=total,
        amount_total=total,
        currency=bought[0]["currency"],
        customer_details=None,
        expires_at=expires_at,
        payment_intent=None,
        payment_status="unpaid",
        status="open",
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        url=f"{world.url}/pay/{name}",
        _intent=params.pop("payment_intent_data", {}),
        _lines=bought,
        **_DEFAULTS | params,
    )


_DEFAULTS: dict[str, Any] = {
    "allowed_payment_method_types": None,
    "cancel_url": None,
    "client_reference_id": None,
    "customer": None,
    "customer_creation": "if_required",
    "customer_email": None,
    "locale": None,
    "metadata": {},
    "payment_method_types": ["card"],
    "submit_type": None,
    "ui_mode": "hosted_page",
}


def line_items(world: World, key: str, _params: dict[str, Any]) -> dict[str, Any]:
    return expanding.lines(world, world.find("checkout.session", key))


def expire(world: World, key: str, _params: dict[str, Any]) -> dict[str, Any]:
    session = world.find("checkout.session", key)
    if session["status"] != "open":
        raise invalid('Only Checkout Sessions with a status in ["open"] can be expired.')
    _end(world, session)
    return session


def expire_due(world: World) -> None:
    """Ends the sessions whose time is over."""
    now = world.now()
    for session in world.all("checkout.session"):
        if session["status"] == "open" and session["expires_at"] <= now:
            _end(world, session)


def pay(world: World, session: dict[str, Any], card: Card, *, holder: str) -> Decline | None:
    """Tries a card on an open session; one that asks its holder leaves the session open until the answer."""
    if session["payment_intent"] is None:
        intent = payments.begin(
            world,
            amount=session["amount_total"],
            currency=session["currency"],
            customer=session["customer"],
            return_url=session["url"],
            **session["_intent"],
        )
        session["payment_intent"] = intent["id"]
    intent = world.find("payment_intent", session["payment_intent"])
    session["_holder"] = holder
    decline = payments.attempt(world, intent, card, holder=holder)
    complete_paid(world, session)
    return decline


def complete_paid(world: World, session: dict[str, Any]) -> None:
    """Completes the session whose payment succeeded, and no other."""
    if world.find("payment_intent", session["payment_intent"])["status"] != "succeeded":
        return
    holder = session["_holder"]
    if session["customer"] is None and session["customer_creation"] == "always":
        session["customer"] = catalogue.add_customer(world, "", {"email": holder})["id"]
    details = {"address": None, "email": holder, "name": None, "phone": None, "tax_exempt": "none", "tax_ids": []}
    session.update(status="complete", payment_status="paid", customer_details=details, url=None)
    world.emit("checkout.session.completed", session)


def of_intent(world: World, intent: str) -> dict[str, Any] | None:
    found = (session for session in world.all("checkout.session") if session["payment_intent"] == intent)
    return next(found, None)


def after_paying(session: dict[str, Any]) -> str:
    return str(session["success_url"]).replace(_SESSION_ID, session["id"])


def _end(world: World, session: dict[str, Any]) -> None:
    session.update(status="expired", url=None)
    world.emit("checkout.session.expired", session)
    if session["payment_intent"]:
        payments.cancel(world, session["payment_intent"], {})


def _line(world: World, item: dict[str, Any], where: str) -> dict[str, Any]:
    if ("price" in item) == ("price_data" in item):
        raise invalid("You must specify either `price` or `price_data`.", param=where)
    if "price" in item:
        price = world.find("price", item["price"], param=f"{where}[price]")
    else:
        price = catalogue.price_of(world, item["price_data"], where=f"{where}[price_data]")
    amount = price["unit_amount"] * item["quantity"]
    return {
        "id": world.name("item"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": world.find("product", price["product"])["name"],
        "price": price,
        "quantity": item["quantity"],
    }
