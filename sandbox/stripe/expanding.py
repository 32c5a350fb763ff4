"""`expand[]`: objects where their ids stand, and the lists that are only shown when asked for."""

from typing import Any

from sandbox.stripe.errors import invalid
from sandbox.stripe.world import World, shown

# Which kind of object a field names, wherever it stands.
_KINDS = {
    "balance_transaction": "balance_transaction",
    "charge": "charge",
    "customer": "customer",
    "latest_charge": "charge",
    "payment_intent": "payment_intent",
    "product": "product",
}
_DEEPEST = 4


def expand(world: World, answer: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    for path in paths:
        words = path.split(".")
        if len(words) > _DEEPEST:
            raise invalid(f"You cannot expand more than {_DEEPEST} levels of a property ({path}).", param="expand")
        _follow(world, answer, words, path)
    return answer


def lines(world: World, session: dict[str, Any]) -> dict[str, Any]:
    """The lines of a session, as a list of the API."""
    kept = world.find("checkout.session", session["id"])["_lines"]
    return listed(shown(kept), url=f"/v1/checkout/sessions/{session['id']}/line_items")


def listed(data: list[dict[str, Any]], *, url: str, has_more: bool = False) -> dict[str, Any]:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def _follow(world: World, thing: dict[str, Any], words: list[str], path: str) -> None:
    name, *rest = words
    for branch in _branches(world, thing, name, path, goes_on=bool(rest)):
        if rest:
            _follow(world, branch, rest, path)


def _branches(world: World, thing: dict[str, Any], name: str, path: str, *, goes_on: bool) -> list[dict[str, Any]]:
    if name == "data" and thing.get("object") == "list":
        return list(thing["data"])
    if name == "line_items" and thing.get("object") == "checkout.session":
        thing[name] = lines(world, thing)
    elif name == "refunds" and thing.get("object") == "charge":
        refunds = [shown(refund) for refund in reversed(world.all("refund")) if refund["charge"] == thing["id"]]
        thing[name] = listed(refunds, url=f"/v1/charges/{thing['id']}/refunds")
    elif name in thing and name in _KINDS:
        if isinstance(thing[name], str):
            thing[name] = shown(world.find(_KINDS[name], thing[name]))
    elif not (goes_on and isinstance(thing.get(name), dict)):
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    return [thing[name]] if thing[name] is not None else []
