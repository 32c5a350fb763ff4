"""What courses bring in, on the dashboard: a card and a chart for each currency, since no sum of two says anything."""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse

from apps.payments import api as payments
from apps.payments.types import Revenue
from config.admin.parts import Card, Chart, chart
from learninghub.money import in_major, written

Days = dict[date, Revenue]
_PARTS = ("gross", "refunds", "tax", "fees", "net")


def ask(*, first: date, last: date) -> dict[str, Days]:
    """What each currency brought on the days on which it brought anything."""
    found: dict[str, Days] = {}
    for one in payments.list_revenue(first=first, last=last):
        found.setdefault(one.currency, {})[one.day] = one
    return dict(sorted(found.items()))


def cards(taken: dict[str, Days], days: Sequence[date]) -> list[Card]:
    """Sales less what was given back: today's in each currency; one card that says so where nothing was sold."""
    address = reverse("admin:payments_order_changelist")
    if not taken:
        return [Card(title="Revenue", value="0", beside=f"nothing sold in {len(days)} days", address=address)]
    return [_card(currency, of, days, address) for currency, of in taken.items()]


def charts(taken: dict[str, Days], days: Sequence[date]) -> list[Chart]:
    """The same day by day, with what it is made of and what remains after tax and fees."""
    return [_chart(currency, of, days) for currency, of in taken.items()]


def _card(currency: str, of: Days, days: Sequence[date], address: str) -> Card:
    today, yesterday, week = (
        written(sum(_kept(of, day) for day in some), currency) for some in (days[-1:], days[-2:-1], days[-7:])
    )
    beside = f"{yesterday} yesterday, {week} in 7 days"
    return Card(title=f"Revenue in {currency}", value=today, beside=beside, address=address)


def _chart(currency: str, of: Days, days: Sequence[date]) -> Chart:
    nothing = Revenue(day=days[0], currency=currency, gross=0, refunds=0, tax=0, fees=0)
    columns = {
        part.capitalize(): [written(getattr(of.get(day, nothing), part), currency) for day in days] for part in _PARTS
    }
    heights = [float(in_major(_kept(of, day), currency)) for day in days]
    return chart(f"Revenue in {currency}: sales less refunds", days, heights, columns)


def _kept(of: Days, day: date) -> int:
    return of[day].gross - of[day].refunds if day in of else 0
