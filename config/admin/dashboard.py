"""The dashboard of the day: what every app counted, and what is in somebody's way."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse

from apps.certificates import api as certificates
from apps.content import api as content
from apps.enrollments import api as enrollments
from apps.notifications import api as notifications
from apps.users import api as users
from learninghub.db import Figures
from learninghub.outbox.backlog import backlog

DAYS = 14
_DOORS = (users, enrollments, certificates, notifications, content)
_CARDS = {
    "registrations": ("Registrations", "users_user"),
    "enrolments": ("Enrolments", "enrollments_enrollment"),
    "completions": ("Completions", "enrollments_enrollment"),
    "certificates": ("Certificates", "certificates_certificate"),
}
_FAILURES = {
    "mails_failed": ("Mails that failed", "notifications_mail"),
    "mails_unknown": ("Mails of unknown fate", "notifications_mail"),
    "imports_failed": ("Imports that failed", "content_import"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One figure: today's, and what to hold it against."""

    title: str
    value: str
    beside: str
    address: str = ""
    is_alarming: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The days' figures as the chart's script reads them, and as a table for who sees no chart."""

    title: str
    data: str
    rows: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """All that the page shows, of UTC days."""

    day: date
    cards: tuple[Card, ...]
    failures: tuple[Card, ...]
    charts: tuple[Chart, ...]


def dashboard(*, now: datetime) -> Dashboard:
    """Today's figures and those of the fortnight; each door is asked once."""
    today = now.date()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    counted = _ask_all(first=days[0], last=today)
    return Dashboard(
        day=today,
        cards=tuple(_card(name, counted[name], days) for name in _CARDS),
        failures=(*_waiting(), *(_failure(name, counted[name], days) for name in _FAILURES)),
        charts=tuple(_chart(_CARDS[name][0], counted[name], days) for name in _CARDS),
    )


def _ask_all(*, first: date, last: date) -> Figures:
    return {name: days for door in _DOORS for name, days in door.figures(first=first, last=last).items()}


def _card(name: str, counted: dict[date, int], days: list[date]) -> Card:
    title, screen = _CARDS[name]
    return Card(
        title=title,
        value=f"{counted.get(days[-1], 0):,}",
        beside=f"{counted.get(days[-2], 0):,} yesterday, {_sum(counted, days[-7:]):,} in 7 days",
        address=reverse(f"admin:{screen}_changelist"),
    )


def _failure(name: str, counted: dict[date, int], days: list[date]) -> Card:
    title, screen = _FAILURES[name]
    failed = _sum(counted, days[-7:])
    address = reverse(f"admin:{screen}_changelist")
    return Card(title=title, value=f"{failed:,}", beside="in 7 days", address=address, is_alarming=failed > 0)


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


def _chart(title: str, counted: dict[date, int], days: list[date]) -> Chart:
    rows = tuple((day, counted.get(day, 0)) for day in days)
    line: dict[str, Any] = {
        "label": title,
        "data": [count for _, count in rows],
        "borderColor": "var(--color-primary-600)",
        "backgroundColor": "var(--color-primary-600)",
        "displayYAxis": True,
        "maxTicksXLimit": 7,
    }
    return Chart(
        title=title,
        data=json.dumps({"labels": [f"{day:%d %b}" for day in days], "datasets": [line]}),
        rows=rows,
    )


def _sum(counted: dict[date, int], days: Iterable[date]) -> int:
    return sum(counted.get(day, 0) for day in days)
