"""Money that goes back: refunds, and disputes that a card's holder opens at the bank."""

from typing import Any

from sandbox.stripe import money
from sandbox.stripe.errors import invalid
from sandbox.stripe.payments import balance
from sandbox.stripe.shapes import Choice, Fields, metadata, text, whole
from sandbox.stripe.world import World

CREATE = Fields(
    amount=whole(least=1, most=2**53),
    charge=text(),
    metadata=metadata,
    payment_intent=text(),
    reason=Choice("duplicate", "fraudulent", "requested_by_customer"),
)
UPDATE = Fields(metadata=metadata)
_TWO_WEEKS_S = 14 * 86400


def create(world: World, _key: str, params: dict[str, Any]) -> dict[str, Any]:
    charge = _paid(world, params)
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if charge["disputed"]:
        raise invalid(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    amount = params.get("amount", left)
    if amount > left:
        asked, there = money.shown(amount, charge["currency"]), money.shown(left, charge["currency"])
        raise invalid(f"Refund amount ({asked}) is greater than unrefunded amount on charge ({there})", param="amount")
    refund = world.add(
        "refund",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        metadata=params.get("metadata", {}),
        payment_intent=charge["payment_intent"],
        reason=params.get("reason"),
        receipt_number=None,
        source_transfer_reversal=None,
        status="succeeded",
        transfer_reversal=None,
    )
    refund["balance_transaction"] = balance(
        world, amount=-amount, currency=charge["currency"], kind="refund", source=refund["id"]
    )
    before = {name: charge[name] for name in ("amount_refunded", "refunded")}
    charge.update(amount_refunded=charge["amount_refunded"] + amount, refunded=amount == left)
    world.emit("charge.refunded", charge, before=before)
    world.emit("refund.created", refund)
    world.emit("refund.updated", refund)
    return refund


def dispute(world: World, charge: dict[str, Any], *, reason: str) -> dict[str, Any]:
    """The bank takes back what is left of a charge, and a fee, until the dispute is closed."""
    amount = charge["amount"] - charge["amount_refunded"]
    opened = world.add(
        "dispute",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        evidence_details={
            "due_by": world.now() + _TWO_WEEKS_S,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=False,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
    )
    opened["balance_transactions"] = [_moved(world, opened, amount=-amount, fee=money.DISPUTE_FEE)]
    charge["disputed"] = True
    world.emit("charge.dispute.created", opened)
    world.emit("charge.dispute.funds_withdrawn", opened)
    return opened


def close(world: World, opened: dict[str, Any], *, status: str) -> dict[str, Any]:
    """Ends a dispute, `lost` or `won`: then the money and the fee come back."""
    before = {"status": opened["status"]}
    opened["status"] = status
    if status == "won":
        opened["balance_transactions"].append(_moved(world, opened, amount=opened["amount"], fee=-money.DISPUTE_FEE))
    world.emit("charge.dispute.closed", opened, before=before)
    if status == "won":
        world.emit("charge.dispute.funds_reinstated", opened)
    return opened


def _moved(world: World, opened: dict[str, Any], *, amount: int, fee: int) -> dict[str, Any]:
    name = balance(world, amount=amount, currency=opened["currency"], kind="adjustment", source=opened["id"], fee=fee)
    return world.find("balance_transaction", name)


def _paid(world: World, params: dict[str, Any]) -> dict[str, Any]:
    if ("charge" in params) == ("payment_intent" in params):
        raise invalid("One of the following params should be provided: charge, payment_intent.")
    if "charge" in params:
        charge = world.find("charge", params["charge"], param="charge")
    else:
        intent = world.find("payment_intent", params["payment_intent"], param="payment_intent")
        if intent["status"] != "succeeded":
            raise invalid(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
        charge = world.find("charge", intent["latest_charge"])
    if not charge["paid"]:
        raise invalid(f"Charge {charge['id']} has failed; there is nothing to refund.")
    return charge
