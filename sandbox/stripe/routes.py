"""The calls that the server takes: method and path, what they may say, and what they do."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.stripe import catalogue, checkout, payments, refunds
from sandbox.stripe.errors import Refused, invalid
from sandbox.stripe.expanding import expand, listed
from sandbox.stripe.shapes import Choice, Fields, Many, Read, bounds, email, metadata, text, whole
from sandbox.stripe.world import World, shown

Act = Callable[[World, str, dict[str, Any]], dict[str, Any]]

_TEXT = text()
_PAGE: dict[str, Read] = {
    "created": bounds,
    "ending_before": _TEXT,
    "limit": whole(least=1, most=100),
    "starting_after": _TEXT,
}
_NOTHING = Fields()


@dataclass(frozen=True)
class Route:
    """One call; `{}` in its path stands for an id."""

    method: str
    path: str
    act: Act
    takes: Read = _NOTHING
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", re.compile(self.path.replace("{}", "([A-Za-z0-9_]+)")))


def answer(world: World, method: str, path: str, params: dict[str, Any]) -> dict[str, Any]:
    """Does what a call asks and gives what Stripe would show."""
    for route in ROUTES:
        found = route.pattern.fullmatch(path)
        if found and route.method == method:
            expanded = Many(_TEXT, most=20)(params.pop("expand", []), "expand")
            told = route.takes(params, "")
            return expand(world, shown(route.act(world, found.group(1) if found.groups() else "", told)), expanded)
    raise Refused(404, f"Unrecognized request URL ({method}: {path}).")


def _one(kind: str) -> Act:
    return lambda world, key, _: world.find(kind, key)


def _change(kind: str, *, event: str = "") -> Act:
    """Changes what is named; a word of the metadata that is given empty is taken out."""

    def act(world: World, key: str, params: dict[str, Any]) -> dict[str, Any]:
        thing = world.find(kind, key)
        if "metadata" in params:
            merged = thing["metadata"] | params.pop("metadata")
            params["metadata"] = {name: word for name, word in merged.items() if word != ""}
        before = {name: thing[name] for name in params if thing[name] != params[name]}
        thing.update(params)
        if event and before:
            world.emit(event, thing, before=before)
        return thing

    return act


def _list(method_path: str, kind: str, **filters: Read) -> Route:
    """The list of a kind, newest first, by pages that begin after an id."""

    def act(world: World, _key: str, params: dict[str, Any]) -> dict[str, Any]:
        within = params.pop("created", {})
        limit, after, before = (params.pop(name, None) for name in ("limit", "starting_after", "ending_before"))
        found = [
            thing
            for thing in reversed(world.all(kind))
            if _is_within(thing["created"], within) and all(_matches(thing, *wanted) for wanted in params.items())
        ]
        page, has_more = _page([thing["id"] for thing in found], limit or 10, after=after, before=before)
        return listed([world.find(kind, name) for name in page], url=method_path, has_more=has_more)

    return Route("GET", method_path, act, Fields(**_PAGE, **filters))


def _page(names: list[str], limit: int, *, after: str | None, before: str | None) -> tuple[list[str], bool]:
    for param, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None and cursor not in names:
            raise invalid(f"No such object: '{cursor}'", param=param, code="resource_missing")
    if before is not None:
        rest = names[: names.index(before)]
        return rest[-limit:], len(rest) > limit
    rest = names[names.index(after) + 1 :] if after is not None else names
    return rest[:limit], len(rest) > limit


def _is_within(moment: int, within: dict[str, int]) -> bool:
    held = {"gt": moment.__gt__, "gte": moment.__ge__, "lt": moment.__lt__, "lte": moment.__le__}
    return all(held[name](bound) for name, bound in within.items())


def _matches(thing: dict[str, Any], name: str, wanted: Any) -> bool:
    if name == "types":
        return thing["type"] in wanted
    if name == "type" and wanted.endswith(".*"):
        return bool(thing["type"].startswith(wanted.removesuffix("*")))
    return bool(thing.get(name) == wanted)


_METADATA = Fields(metadata=metadata)
_INTENT_CHANGE = Fields(description=_TEXT, metadata=metadata, receipt_email=email)
_CHARGE_CHANGE = Fields(description=_TEXT, metadata=metadata)

ROUTES = (
    Route("POST", "/v1/customers", catalogue.add_customer, catalogue.CUSTOMER),
    Route("GET", "/v1/customers/{}", _one("customer")),
    Route("POST", "/v1/customers/{}", _change("customer", event="customer.updated"), catalogue.CUSTOMER),
    Route("DELETE", "/v1/customers/{}", catalogue.delete_customer),
    _list("/v1/customers", "customer", email=_TEXT),
    Route("POST", "/v1/products", catalogue.add_product, catalogue.PRODUCT),
    Route("GET", "/v1/products/{}", _one("product")),
    Route("POST", "/v1/products/{}", _change("product", event="product.updated"), catalogue.PRODUCT_CHANGE),
    _list("/v1/products", "product"),
    Route("POST", "/v1/prices", catalogue.add_price, catalogue.PRICE),
    Route("GET", "/v1/prices/{}", _one("price")),
    Route("POST", "/v1/prices/{}", _change("price", event="price.updated"), catalogue.PRICE_CHANGE),
    _list("/v1/prices", "price", product=_TEXT, currency=_TEXT),
    Route("POST", "/v1/checkout/sessions", checkout.create, checkout.CREATE),
    Route("GET", "/v1/checkout/sessions/{}", _one("checkout.session")),
    Route("POST", "/v1/checkout/sessions/{}", _change("checkout.session"), checkout.UPDATE),
    Route("POST", "/v1/checkout/sessions/{}/expire", checkout.expire),
    Route("GET", "/v1/checkout/sessions/{}/line_items", checkout.line_items),
    _list(
        "/v1/checkout/sessions",
        "checkout.session",
        payment_intent=_TEXT,
        customer=_TEXT,
        status=Choice("open", "complete", "expired"),
    ),
    Route("POST", "/v1/payment_intents", payments.create, payments.CREATE),
    Route("GET", "/v1/payment_intents/{}", _one("payment_intent")),
    Route("POST", "/v1/payment_intents/{}", _change("payment_intent"), _INTENT_CHANGE),
    Route("POST", "/v1/payment_intents/{}/confirm", payments.confirm, payments.CONFIRM),
    Route("POST", "/v1/payment_intents/{}/cancel", payments.cancel, payments.CANCEL),
    _list("/v1/payment_intents", "payment_intent", customer=_TEXT),
    Route("GET", "/v1/charges/{}", _one("charge")),
    Route("POST", "/v1/charges/{}", _change("charge", event="charge.updated"), _CHARGE_CHANGE),
    _list("/v1/charges", "charge", customer=_TEXT, payment_intent=_TEXT),
    Route("GET", "/v1/balance_transactions/{}", _one("balance_transaction")),
    _list("/v1/balance_transactions", "balance_transaction", source=_TEXT, type=_TEXT, currency=_TEXT),
    Route("POST", "/v1/refunds", refunds.create, refunds.CREATE),
    Route("GET", "/v1/refunds/{}", _one("refund")),
    Route("POST", "/v1/refunds/{}", _change("refund", event="refund.updated"), refunds.UPDATE),
    _list("/v1/refunds", "refund", charge=_TEXT, payment_intent=_TEXT),
    Route("GET", "/v1/disputes/{}", _one("dispute")),
    _list("/v1/disputes", "dispute", charge=_TEXT, payment_intent=_TEXT),
    Route("GET", "/v1/events/{}", _one("event")),
    _list("/v1/events", "event", type=_TEXT, types=Many(_TEXT, most=20)),
)
