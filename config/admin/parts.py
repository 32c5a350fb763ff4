"""What the dashboard is made of: cards and charts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


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
    columns: tuple[str, ...]
    rows: tuple[tuple[date, tuple[str, ...]], ...]


def chart(title: str, days: Sequence[date], heights: Sequence[float], columns: Mapping[str, Sequence[str]]) -> Chart:
    """A bar for each day, and beneath them a table with these columns."""
    bars: dict[str, Any] = {
        "label": title,
        "data": heights,
        "borderColor": "var(--color-primary-600)",
        "backgroundColor": "var(--color-primary-600)",
        "displayYAxis": True,
        "maxTicksXLimit": 7,
    }
    return Chart(
        title=title,
        data=json.dumps({"labels": [f"{day:%d %b}" for day in days], "datasets": [bars]}),
        columns=tuple(columns),
        rows=tuple(zip(days, zip(*columns.values(), strict=True), strict=True)),
    )
