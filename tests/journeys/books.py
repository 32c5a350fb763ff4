"""What the house knows of an order that nobody is told as a whole: postings, refunds, the seats of its course."""

from collections.abc import Iterator
from datetime import timedelta

from apps.certificates.models import Certificate
from apps.enrollments.models import TrackedCourse
from apps.payments.models import Order, Posting, Refund
from tests.support.payments import odd_sums

Money = tuple[str, str, str, int, str]


def postings_of(order_id: str) -> list[Money]:
    """What happened, the account that gave, the one that took, how much and of which currency."""
    found = Posting.objects.filter(entry__order_id=order_id).order_by("id")
    return sorted(found.values_list("entry__kind", "credited", "debited", "amount", "currency"))


def sale(*, tax: int, net: int, fee: int) -> list[Money]:
    """The postings of an order that was paid."""
    return [
        ("fee", "stripe", "fees", fee, "EUR"),
        ("sale", "revenue", "stripe", net, "EUR"),
        ("sale", "tax", "stripe", tax, "EUR"),
    ]


def refund(*, tax: int, net: int) -> list[Money]:
    """The postings of money that went back."""
    return [("refund", "stripe", "revenue", net, "EUR"), ("refund", "stripe", "tax", tax, "EUR")]


def refunds_of(order_id: str) -> list[tuple[str, int, str]]:
    """State, amount and reason, in the order in which they were promised."""
    return list(Refund.objects.filter(order_id=order_id).order_by("id").values_list("state", "amount", "reason"))


def state_of(order_id: str) -> tuple[str, int]:
    """How the order stands, and how much of it went back."""
    return Order.objects.values_list("state", "refunded_amount").get(id=order_id)


def until_the_certificate_went(order_id: str) -> timedelta:
    """From when the last of the money was promised back to when the certificate was worth nothing any more."""
    last = Refund.objects.filter(order_id=order_id).order_by("id").values_list("created_at", "order__user").last()
    assert last
    return Certificate.objects.values_list("revoked_at", flat=True).get(user=last[1]) - last[0]


def seats_of(course_id: str) -> tuple[int, int]:
    """How many seats of the course are taken, and how many held."""
    return TrackedCourse.objects.values_list("taken", "held").get(pk=course_id)


def oddities(breached: list[str]) -> Iterator[str]:
    """Whatever is wrong with any sum or state."""
    yield from (f"{code} is breached" for code in breached)
    yield from odd_sums()
