"""A shop with Stripe beside it, for tests: what people and Stripe do, over HTTP."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from django.db.models import Sum

from apps.courses.types import CourseCard
from apps.enrollments import api as enrollments
from apps.enrollments.models import TrackedCourse
from apps.payments.actions import checkout, fulfilment
from apps.payments.models import Document, Entry, Order, Posting, Refund
from apps.payments.types import ChargeSeen, EntryKind, OrderState, PaymentSeen, RefundState, SessionSeen
from apps.users.types import Person
from learninghub import clock
from sandbox.stripe import StripeServer
from tests.support.facts import deliver_all
from tests.support.http import Answer, Client
from tests.support.stripe import client_of

PRICE = 4900
DECLINED = "4000000000000002"
ASKS_HOLDER = "4000002760003184"  # 3-D Secure
_keys = count(1)


@dataclass
class Shop:
    """Buyers, their orders, and Stripe, whose events are told only when a test says so."""

    stripe: StripeServer
    client: Client
    as_user: Callable[[Person], Client]
    told: set[str] = field(default_factory=set)

    def check_out(self, person: Person, course: CourseCard | UUID, *, key: str = "", **more: Any) -> Answer:
        course_id = course if isinstance(course, UUID) else course.id
        headers = {"Idempotency-Key": key or f"key-{next(_keys)}"}
        return self.as_user(person).post("payments/checkout/", {"course_id": str(course_id), **more}, headers=headers)

    def pay(self, opened: Answer, **how: Any) -> None:
        assert opened.status == 201, opened.text
        self.stripe.pay(opened.json["url"], **how)

    def tell(self, *kinds: str, twice: bool = False, newest_first: bool = False) -> list[int]:
        """Stripe's webhooks for what has not been told yet: the statuses."""
        events = [event for event in self.stripe.events(*kinds) if twice or event["id"] not in self.told]
        if newest_first:
            events.reverse()
        self.told |= {event["id"] for event in events}
        return [self.post(event["id"]).status for event in events]

    def post(self, event_id: str, forgery: str | None = None) -> Answer:
        body, headers = self.stripe.signed(event_id, forgery=forgery)
        return self.client.request("POST", "payments/webhooks/stripe/", body=body, headers=headers)

    def settle(self) -> None:
        """Stripe tells all, and all jobs and facts are done, until nothing is left."""
        while self.tell() or deliver_all():
            pass

    def buy(self, person: Person, course: CourseCard) -> Order:
        """The person checks out and pays, and all is done."""
        self.pay(self.check_out(person, course))
        self.settle()
        return Order.objects.get(user_id=person.id, course_id=course.id, state=OrderState.PAID)

    def refund(self, person: Person, order: Order, amount: int | None = None, *, key: str = "") -> Answer:
        body = {} if amount is None else {"amount": amount}
        headers = {"Idempotency-Key": key or f"key-{next(_keys)}"}
        return self.as_user(person).post(f"payments/orders/{order.id}/refund/", body, headers=headers)

    def refund_at_stripe(self, order: Order, amount: int) -> None:
        """Somebody gives money back by hand, at Stripe's own pages."""
        client_of(self.stripe).v1.refunds.create({"payment_intent": order.payment_intent_id, "amount": amount})

    def customer_at_stripe(self) -> None:
        """Something happens there that is none of ours."""
        client_of(self.stripe).v1.customers.create({"email": "someone@example.org"})


def make_order(person: Person, course: CourseCard, *, now: datetime | None = None) -> Order:
    """An order that was paid just now, as Stripe told, without Stripe."""
    number = next(_keys)
    moment = now or clock.now()
    order = checkout.begin(user_id=person.id, course_id=course.id, now=moment)
    assert isinstance(order, Order)
    session = SessionSeen(
        id=f"cs_{number}",
        url="https://pay.example",
        is_expired=False,
        order_id=order.id,
        amount=order.amount,
        currency=order.currency,
    )
    checkout.record(order_id=order.id, session=session)
    charge = ChargeSeen(
        id=f"ch_{number}",
        payment_intent_id=f"pi_{number}",
        amount=order.amount,
        currency=order.currency,
        created=moment,
        fee=30,
        fee_currency=order.currency,
    )
    fulfilment.bring_up_to_date(order_id=order.id, seen=PaymentSeen(session=session, charge=charge), now=moment)
    return Order.objects.get(id=order.id)


def has_access(person: Person, course: CourseCard) -> bool:
    return enrollments.has_access(user_id=person.id, course_id=course.id)


def balances() -> dict[str, int]:
    """What each account holds: what it was debited less what it was credited; every account that moved."""
    held = Counter[str]()
    for moved in Posting.objects.order_by("id"):
        held[moved.debited] += moved.amount
        held[moved.credited] -= moved.amount
    return {account: amount for account, amount in held.items() if amount}


def odd_sums() -> list[str]:
    """Where books and states disagree (invariants M1, M2, M3, M5); empty when all is well."""
    found = [] if sum(balances().values()) == 0 else [f"ledger: {balances()}"]
    for order in Order.objects.order_by("id"):
        found += [f"{order.state} {order.id}: {odd}" for odd in _odd_of(order)]
    for tracked in TrackedCourse.objects.order_by("pk"):
        pending = Order.objects.filter(course_id=tracked.pk, state=OrderState.PENDING).count()
        if not tracked.held == tracked.holds.count() == pending:
            found.append(f"{tracked.pk}: {tracked.held} held, {pending} pending")
    return found


def _odd_of(order: Order) -> Iterator[str]:
    settled = order.refunds.filter(state=RefundState.SETTLED).aggregate(sum=Sum("amount"))["sum"] or 0
    has_course = enrollments.has_access(user_id=order.user_id, course_id=order.course_id)
    paid = Order.objects.filter(user_id=order.user_id, course_id=order.course_id, state=OrderState.PAID).count()
    if not order.refunded_amount == settled == _entered(order, EntryKind.REFUND):
        yield f"refunded {settled}, it says {order.refunded_amount}"
    if _entered(order, EntryKind.SALE) != (order.amount if order.paid_at else 0):
        yield f"sold {_entered(order, EntryKind.SALE)}"
    if paid != int(has_course):
        yield f"{paid} paid, access {has_course}"


def refunds_of(order: Order) -> list[tuple[str, int, str]]:
    rows = Refund.objects.filter(order=order).order_by("id")
    return [(row.state, row.amount, row.reason) for row in rows]


def documents_of(order: Order) -> list[tuple[str, int]]:
    """Kind and gross amount of every document, in the order of issue."""
    return list(Document.objects.filter(order=order).order_by("id").values_list("kind", "gross"))


def _entered(order: Order, kind: EntryKind) -> int:
    moved = Posting.objects.filter(entry__in=Entry.objects.filter(order=order, kind=kind))
    return moved.aggregate(sum=Sum("amount"))["sum"] or 0
