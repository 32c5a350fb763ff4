"""The dashboard of the day: what every app counted, and what is in somebody's way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse

from apps.certificates import api as certificates
from apps.content import api as content
from apps.enrollments import api as enrollments
from apps.notifications import api as notifications
from apps.payments import api as payments
from apps.reviews import api as reviews
from apps.users import api as users
from config.admin import takings
from config.admin.parts import Card, Chart, chart
from learninghub.db import Figures
from learninghub.outbox.backlog import backlog

DAYS = 14
_DOORS = (users, enrollments, certificates, notifications, content, payments, reviews)
_CARDS = {
    "registrations": ("Registrations", "users_user"),
    "enrolments": ("Enrolments", "enrollments_enrollment"),
    "completions": ("Completions", "enrollments_enrollment"),
    "certificates": ("Certificates", "certificates_certificate"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What may go wrong, and where those that did are listed; what is ordinary alarms nobody."""

    title: str
    screen: str
    filter: str = ""
    is_ordinary: bool = False


_FAILURES = {
    "mails_failed": Failure(title="Mails that failed", screen="notifications_mail", filter="state__exact=failed"),
    "mails_unknown": Failure(title="Mails of unknown fate", screen="notifications_mail", filter="state__exact=unknown"),
    "imports_failed": Failure(title="Imports that failed", screen="content_import", filter="state__exact=failed"),
    "orders_declined": Failure(title="Payments declined", screen="payments_order", is_ordinary=True),
    "orders_returning": Failure(
        title="Orders on their way back", screen="payments_order", filter="state__exact=returning"
    ),
    "refunds_failed": Failure(title="Refunds that failed", screen="payments_refund", filter="state__exact=failed"),
    "events_stuck": Failure(
        title="Stripe events that wait", screen="payments_stripeevent", filter="state__exact=received"
    ),
    "days_unlike": Failure(title="Days unlike Stripe's", screen="payments_daytotal"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """All that the page shows, of UTC days."""

    day: date
    cards: tuple[Card, ...]
    failures: tuple[Card, ...]
    charts: tuple[Chart, ...]


def dashboard(*, now: datetime) -> Dashboard:
    """Today's figures and those of the fortnight; each door is asked once, that of payments for its money too."""
    today = now.date()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    counted = _ask_all(first=days[0], last=today)
    taken = takings.ask(first=days[0], last=today)
    return Dashboard(
        day=today,
        cards=(*takings.cards(taken, days), *(_card(name, counted[name], days) for name in _CARDS)),
        failures=(
            *_waiting(),
            _reported(counted["reviews_reported"]),
            *(_failure(_FAILURES[name], counted[name], days) for name in _FAILURES),
        ),
        charts=(
            *takings.charts(taken, days),
            *(_chart(title, counted[name], days) for name, (title, _) in _CARDS.items()),
        ),
    )


def _ask_all(*, first: date, last: date) -> Figures:
    return {name: days for door in _DOORS for name, days in door.figures(first=first, last=last).items()}


def _card(name: str, counted: dict[date, int], days: Sequence[date]) -> Card:
    title, screen = _CARDS[name]
    return Card(
        title=title,
        value=f"{counted.get(days[-1], 0):,}",
        beside=f"{counted.get(days[-2], 0):,} yesterday, {_sum(counted, days[-7:]):,} in 7 days",
        address=reverse(f"admin:{screen}_changelist"),
    )


def _failure(what: Failure, counted: dict[date, int], days: Sequence[date]) -> Card:
    failed = _sum(counted, days[-7:])
    return Card(
        title=what.title,
        value=f"{failed:,}",
        beside="in 7 days",
        address=f"{reverse(f'admin:{what.screen}_changelist')}{what.filter and '?'}{what.filter}",
        is_alarming=failed > 0 and not what.is_ordinary,
    )


def _reported(counted: dict[date, int]) -> Card:
    waiting = sum(counted.values())
    return Card(
        title="Reviews to look at",
        value=f"{waiting:,}",
        beside=f"reported in {DAYS} days",
        address=reverse("admin:reviews_review_queue"),
        is_alarming=waiting > 0,
    )


def _waiting() -> Iterable[Card]:
    """What waits to be told or done (rules R6 and R17: parked and dead is for a person to look at)."""
    now = backlog()
    yield Card(
        title="Outbox lag", value=f"{now.lag_s:.0f} s", beside=f"{now.waiting:,} waiting", is_alarming=now.lag_s > 60
    )
    yield Card(
        title="Parked or dead",
        value=f"{now.parked + now.dead:,}",
        beside=f"{now.parked:,} facts parked, {now.dead:,} messages dead",
        is_alarming=now.parked + now.dead > 0,
    )


def _chart(title: str, counted: dict[date, int], days: Sequence[date]) -> Chart:
    counts = [counted.get(day, 0) for day in days]
    return chart(title, days, counts, {title: [f"{count:,}" for count in counts]})


def _sum(counted: dict[date, int], days: Iterable[date]) -> int:
    return sum(counted.get(day, 0) for day in days)
