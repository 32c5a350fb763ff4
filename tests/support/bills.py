"""Bought courses and what was given back of them, as rows, and their invoices and credit notes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from apps.courses.types import CourseCard
from apps.payments.actions import invoicing
from apps.payments.clients import paper
from apps.payments.models import Order, Refund
from apps.payments.rules import tax_of_refund, tax_within
from apps.payments.types import Document, OrderState, RefundReason, RefundState
from apps.users.types import Person
from tests.support.courses import make_course
from tests.support.people import make_person

SELLER = {"name": "Example Learning GmbH", "address": "Lernweg 7, 10115 Berlin, Germany", "tax_id": "DE123456789"}
PAID_AT = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)
ISSUED_AT = PAID_AT + timedelta(seconds=20)


def make_paid_order(
    *,
    buyer: Person | None = None,
    course: CourseCard | None = None,
    amount: int = 4_900,
    currency: str = "EUR",
    tax_rate: int = 1_900,
    **fields: Any,
) -> Order:
    """An order that Stripe has taken the money of."""
    course = course or make_course(lessons=1)
    return Order.objects.create(
        user_id=(buyer or make_person()).id,
        course_id=course.id,
        **{
            "course_title": course.title,
            "seller": SELLER,
            "state": OrderState.PAID,
            "amount": amount,
            "currency": currency,
            "tax_rate": tax_rate,
            "tax_amount": tax_within(amount, rate=tax_rate),
            "expires_at": PAID_AT + timedelta(minutes=30),
            "paid_at": PAID_AT,
            "payment_intent_id": f"pi_{uuid4().hex}",
            **fields,
        },
    )


def make_settled_refund(order: Order, *, amount: int | None = None) -> Refund:
    """A refund of the order that has reached the learner; all that is left of it unless said otherwise."""
    amount = order.amount - order.refunded_amount if amount is None else amount
    tax = tax_of_refund(amount, already=order.refunded_amount, rate=order.tax_rate)
    order.refunded_amount += amount
    order.save(update_fields=["refunded_amount"])
    return Refund.objects.create(
        order=order,
        amount=amount,
        tax_amount=tax,
        reason=RefundReason.WITHDRAWAL,
        state=RefundState.SETTLED,
        stripe_id=f"re_{uuid4().hex}",
        settled_at=PAID_AT,
    )


def make_invoice(*, now: datetime = ISSUED_AT, **order: Any) -> Document:
    """The invoice of a new order, its file still waiting to be drawn."""
    return invoicing.issue_invoice(order=make_paid_order(**order), now=now)


def add_file(document: Document, content: bytes) -> None:
    """Notes some bytes as the document's file, without the half second that drawing may take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paper, "draw", lambda document: content)
        invoicing.render_document(document_id=document.id)
