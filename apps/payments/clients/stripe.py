"""Stripe: opens and closes checkouts, gives money back, and tells what became of it all."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
import stripe
from django.conf import settings

from apps.payments.errors import BadSignature, StripeRefused, StripeUnavailable
from apps.payments.types import (
    ChargeSeen,
    DeclineSeen,
    DisputeSeen,
    EventSeen,
    PaymentSeen,
    RefundSeen,
    SessionSeen,
)
from learninghub.breaker import Breaker, Open

CONNECT_S, READ_S = 2.0, 10.0  # R19
LOOK_S = 8.0  # for all calls of a look: somebody may be waiting, and the gateway for no longer than 30 s
TOLERANCE_S = 300
_PAGE = 100
_PERMANENT = frozenset({400, 402, 404})

breaker = Breaker("stripe")


def is_set_up() -> bool:
    """Whether we have an account at Stripe."""
    return bool(settings.STRIPE_SECRET_KEY)


def open_checkout(
    *, order_id: UUID, title: str, amount: int, currency: str, expires_at: datetime, paid_url: str, left_url: str
) -> SessionSeen:
    """Opens the order's checkout; opened twice, it is the same one. Raises StripeUnavailable, StripeRefused.

    Who has paid is sent to the one address, who leaves without to the other.
    """
    named = {"order_id": str(order_id)}
    price = {"currency": currency.lower(), "unit_amount": amount, "product_data": {"name": title}}
    with _asking():
        session = _client().v1.checkout.sessions.create(
            {
                "mode": "payment",
                "line_items": [{"price_data": price, "quantity": 1}],
                "client_reference_id": str(order_id),
                "metadata": named,
                "payment_intent_data": {"metadata": named},
                "allowed_payment_method_types": ["card"],
                "expires_at": int(expires_at.timestamp()),
                "success_url": paid_url,
                "cancel_url": left_url,
            },
            {"idempotency_key": f"checkout-{order_id}"},
        )
    return _session(session)


def close_checkout(session_id: str) -> None:
    """Nobody can pay there any more. Raises StripeUnavailable, and StripeRefused where it is closed already."""
    with _asking():
        _client().v1.checkout.sessions.expire(session_id)


def look(session_id: str) -> PaymentSeen:
    """Reads all that Stripe has of a checkout, within LOOK_S. Raises StripeUnavailable, StripeRefused."""
    ends_at = time.monotonic() + LOOK_S
    with _asking():
        session = _client(ends_at).v1.checkout.sessions.retrieve(
            session_id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
        )
        intent = session.payment_intent
        charge = intent.latest_charge if intent else None
        if not charge or not charge.paid:
            return PaymentSeen(session=_session(session), decline=_decline(intent))
        of_payment = {"payment_intent": intent.id, "limit": _PAGE}
        refunds = _client(ends_at).v1.refunds.list(of_payment).data
        disputes = _client(ends_at).v1.disputes.list(of_payment).data if charge.disputed else []
    return PaymentSeen(
        session=_session(session),
        charge=_charge(charge),
        refunds=[_refund(one) for one in reversed(refunds)],
        dispute=_dispute(disputes[0]) if disputes else None,
    )


def refund(*, refund_id: UUID, order_id: UUID, payment_intent_id: str, amount: int) -> RefundSeen:
    """Gives money back; asked twice, once. Raises StripeUnavailable, StripeRefused."""
    with _asking():
        made = _client().v1.refunds.create(
            {
                "payment_intent": payment_intent_id,
                "amount": amount,
                "reason": "requested_by_customer",
                "metadata": {"order_id": str(order_id), "refund_id": str(refund_id)},
            },
            {"idempotency_key": f"refund-{refund_id}"},
        )
    return _refund(made)


def list_events(*, since: datetime) -> list[EventSeen]:
    """Every event since then, newest first. Raises StripeUnavailable."""
    return [_event(event.to_dict()) for event in _all(lambda client: client.v1.events.list(_within(since)))]


def sum_charges(*, since: datetime, until: datetime) -> Counter[str]:
    """All that was taken in that time, by currency. Raises StripeUnavailable."""
    charges = _all(lambda client: client.v1.charges.list(_within(since, until)))
    return _sums(charge for charge in charges if charge.paid)


def sum_refunds(*, since: datetime, until: datetime) -> Counter[str]:
    """All that was given back in that time, by currency. Raises StripeUnavailable."""
    refunds = _all(lambda client: client.v1.refunds.list(_within(since, until)))
    return _sums(refund for refund in refunds if refund.status == "succeeded")


def read_event(body: bytes, signature: str, *, now: datetime) -> EventSeen:
    """What a webhook says, once it is proven that Stripe sent it within five minutes of now; raises BadSignature."""
    if not settings.STRIPE_WEBHOOK_SECRET:
        raise StripeUnavailable
    try:
        text = body.decode()
        stripe.WebhookSignature.verify_header(text, signature, settings.STRIPE_WEBHOOK_SECRET)
        signed_at = next(int(part[2:]) for part in signature.split(",") if part.startswith("t="))
        event = orjson.loads(body)
        if abs(signed_at - now.timestamp()) > TOLERANCE_S:
            raise BadSignature
        return _event(event)
    except (ValueError, KeyError, TypeError, AttributeError, stripe.SignatureVerificationError) as error:
        raise BadSignature from error


@lru_cache(maxsize=32)
def _client_of(key: str, url: str, seconds: int) -> stripe.StripeClient:
    """A patience belongs to a client, and so do its connections: whole seconds, so that there are few."""
    connect = min(CONNECT_S, seconds / 4)
    http = stripe.RequestsClient(timeout=(connect, seconds - connect))
    addresses: Any = {"api": url} if url else {}
    # Jobs try again, and so do people: one layer of retries a call (R16).
    return stripe.StripeClient(key, base_addresses=addresses, http_client=http, max_network_retries=0)


def _client(ends_at: float = math.inf) -> Any:
    """Waits as long as a call may take, and not beyond that moment of the monotonic clock."""
    seconds = int(min(CONNECT_S + READ_S, ends_at - time.monotonic()))
    if not is_set_up() or seconds < 1:
        raise StripeUnavailable
    return _client_of(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_URL, seconds)


@contextmanager
def _asking() -> Iterator[None]:
    """Around calls: what Stripe raises becomes ours, and a Stripe that fails too often is not asked (R20)."""
    try:
        with breaker.guard(StripeUnavailable):
            try:
                yield
            except stripe.StripeError as error:
                if error.http_status in _PERMANENT:
                    raise StripeRefused(str(error)) from error
                raise StripeUnavailable from error
    except Open as error:
        raise StripeUnavailable(retry_after=math.ceil(error.retry_after) or 1) from error


def _all(ask: Callable[[Any], Any]) -> list[Any]:
    with _asking():
        return list(ask(_client()).auto_paging_iter())


def _sums(moved: Iterable[Any]) -> Counter[str]:
    sums = Counter[str]()
    for one in moved:
        sums[one.currency.upper()] += one.amount
    return sums


def _within(since: datetime, until: datetime | None = None) -> Any:
    bounds = {"gte": int(since.timestamp())} | ({"lt": int(until.timestamp())} if until else {})
    return {"created": bounds, "limit": _PAGE}


def _event(event: dict[str, Any]) -> EventSeen:
    about = event["data"]["object"]
    named = (about.get("metadata") or {}).get("order_id") or about.get("client_reference_id") or ""
    intent = about["id"] if about.get("object") == "payment_intent" else about.get("payment_intent") or ""
    return EventSeen(
        id=event["id"],
        type=event["type"],
        created=_moment(event["created"]),
        object_id=about.get("id", ""),
        order_id=_id(named),
        payment_intent_id=intent if isinstance(intent, str) else intent["id"],
    )


def _session(session: Any) -> SessionSeen:
    return SessionSeen(
        id=session.id,
        url=session.url or "",
        is_expired=session.status == "expired",
        order_id=_id(session.client_reference_id or ""),
        amount=session.amount_total,
        currency=session.currency.upper(),
    )


def _charge(charge: Any) -> ChargeSeen:
    balance = charge.balance_transaction
    return ChargeSeen(
        id=charge.id,
        payment_intent_id=charge.payment_intent,
        amount=charge.amount,
        currency=charge.currency.upper(),
        created=_moment(charge.created),
        fee=balance.fee if balance else None,
        fee_currency=balance.currency.upper() if balance else "",
    )


def _decline(intent: Any) -> DeclineSeen | None:
    """How the last try ended. One whose holder the bank did not recognise made no charge, but a method of its own."""
    error = intent.last_payment_error if intent else None
    if not error:
        return None
    method = getattr(error, "payment_method", None)
    made = getattr(error, "charge", None) or (method.id if method else intent.id)
    code = getattr(error, "decline_code", None) or getattr(error, "code", None) or "declined"
    return DeclineSeen(id=made, code=code)


def _refund(refund: Any) -> RefundSeen:
    return RefundSeen(
        id=refund.id,
        refund_id=_id(getattr(refund.metadata, "refund_id", "")),
        amount=refund.amount,
        created=_moment(refund.created),
        is_settled=refund.status == "succeeded",
        failure=refund.status if refund.status in {"failed", "canceled"} else "",
    )


def _dispute(dispute: Any) -> DisputeSeen:
    moved = dispute.balance_transactions
    return DisputeSeen(
        id=dispute.id,
        amount=dispute.amount,
        fee=sum(one.fee for one in moved),
        closed_at=_moment(moved[-1].created if moved else dispute.created),
        is_lost=dispute.status == "lost",
    )


def _id(name: str) -> UUID | None:
    """Ours where it is one: others may sell by the same account."""
    try:
        return UUID(name)
    except ValueError:
        return None


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
