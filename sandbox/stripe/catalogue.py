"""Customers, products and prices."""

from typing import Any

from sandbox.stripe.errors import invalid
from sandbox.stripe.shapes import Fields, Many, Read, Required, currency, email, flag, metadata, text, url, whole
from sandbox.stripe.world import World

CUSTOMER = Fields(description=text(), email=email, metadata=metadata, name=text(most=256), phone=text(most=20))
_PRODUCT: dict[str, Read] = {
    "active": flag,
    "description": text(),
    "images": Many(url, most=8),
    "metadata": metadata,
    "url": url,
}
PRODUCT = Fields(name=Required(text()), **_PRODUCT)
PRODUCT_CHANGE = Fields(name=text(), **_PRODUCT)
PRODUCT_DATA = Fields(name=Required(text()), description=text(), images=Many(url, most=8), metadata=metadata)
PRICE = Fields(
    active=flag,
    currency=Required(currency),
    metadata=metadata,
    nickname=text(),
    product=text(),
    product_data=Fields(name=Required(text()), metadata=metadata),
    unit_amount=Required(whole(most=999_999_999_999)),
)
PRICE_CHANGE = Fields(active=flag, metadata=metadata, nickname=text())
PRICE_DATA = Fields(
    currency=Required(currency),
    product=text(),
    product_data=PRODUCT_DATA,
    unit_amount=Required(whole(most=999_999_999_999)),
)


def add_customer(world: World, _key: str, params: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {"description": None, "email": None, "metadata": {}, "name": None, "phone": None}
    customer = world.add("customer", balance=0, currency=None, delinquent=False, **known | params)
    world.emit("customer.created", customer)
    return customer


def delete_customer(world: World, key: str, _params: dict[str, Any]) -> dict[str, Any]:
    customer = world.find("customer", key)
    world.forget("customer", key)
    world.emit("customer.deleted", customer)
    return {"id": key, "object": "customer", "deleted": True}


def add_product(world: World, _key: str, params: dict[str, Any]) -> dict[str, Any]:
    product = _product(world, params)
    world.emit("product.created", product)
    return product


def add_price(world: World, _key: str, params: dict[str, Any]) -> dict[str, Any]:
    price = price_of(world, params, where="")
    world.emit("price.created", price)
    return price


def price_of(world: World, params: dict[str, Any], *, where: str) -> dict[str, Any]:
    """A price, of a product that is there or is described."""
    told: dict[str, Any] = {"active": True, "metadata": {}, "nickname": None} | params
    described, named = told.pop("product_data", None), told.pop("product", None)
    if (described is None) == (named is None):
        raise invalid("You must specify either `product` or `product_data`.", param=f"{where}product")
    if named is None:
        named = _product(world, described)["id"]
    world.find("product", named, param=f"{where}product")
    return world.add(
        "price",
        billing_scheme="per_unit",
        product=named,
        recurring=None,
        tax_behavior="unspecified",
        type="one_time",
        unit_amount_decimal=str(told["unit_amount"]),
        **told,
    )


def _product(world: World, params: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {"active": True, "description": None, "images": [], "metadata": {}, "url": None}
    return world.add("product", default_price=None, type="service", updated=world.now(), **known | params)
