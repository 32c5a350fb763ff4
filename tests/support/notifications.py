"""News for tests: facts stated by hand, and jobs worked off at a chosen time, whether or not they succeed."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import time_machine
from django.db import transaction
from django.test import TestCase

from apps.notifications.models import Mail, Notification
from apps.notifications.types import Kind
from apps.payments.actions import invoicing
from apps.payments.events import OrderRefunded
from apps.payments.models import Order
from apps.payments.types import RefundReason
from learninghub.clock import now
from learninghub.outbox import publish
from learninghub.outbox.local_queue import LocalQueue, work_once
from learninghub.outbox.models import QueuedMessage
from learninghub.outbox.relay import relay_once
from tests.support.bills import add_file, make_settled_refund
from tests.support.facts import later_of_clocks


def make_news(person: Any) -> UUID:
    """An unread notification in the person's list."""
    return Notification.objects.create(user_id=person.id, kind=Kind.WELCOME, source_id=uuid4(), facts={}).id


def state_fact(*facts: object) -> list[UUID]:
    """States the facts as their apps do; returns their ids."""
    with transaction.atomic():
        return [publish(fact) for fact in facts]


def refunded(order: Order, *, amount: int | None = None, reason: str = RefundReason.WITHDRAWAL) -> OrderRefunded:
    """What is stated when a refund of the order has settled, whose credit note has its file."""
    invoicing.issue_invoice(order=order, now=now())
    refund = make_settled_refund(order, amount=amount)
    add_file(invoicing.issue_credit_note(refund=refund, now=now()), b"%PDF-1.7")
    return OrderRefunded(
        order_id=order.id,
        refund_id=refund.id,
        user_id=order.user_id,
        course_id=order.course_id,
        amount=refund.amount,
        currency=order.currency,
        is_full=order.refunded_amount == order.amount,
        reason=reason,
    )


def work(*, after: timedelta = timedelta(0)) -> None:
    """Hands on and does all that is due then, each once; what is put off waits for a later call."""
    with time_machine.travel(later_of_clocks() + after, tick=True):
        relay_once(transport=LocalQueue(), now=later_of_clocks())
        work_off(later_of_clocks())
        while relay_once(transport=LocalQueue(), now=later_of_clocks()):
            work_off(later_of_clocks())


def work_off(moment: datetime) -> None:
    """Does what is due at the moment."""
    due = QueuedMessage.objects.filter(dead_at=None, leased_until=None, available_at__lte=moment).count()
    with TestCase.captureOnCommitCallbacks(execute=True):
        for _ in range(due):
            work_once(clock=lambda: moment)


def fate(kind: Kind, user_id: UUID) -> tuple[str, int, int]:
    """How the person's one mail of this kind stands: its state, the tries and the doubts."""
    mail = Mail.objects.get(user_id=user_id, kind=kind)
    return mail.state, mail.attempts, mail.doubts
