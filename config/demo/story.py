"""The story of the demo as data: who does what, and how many days ago."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from config.demo.people import LEARNER, DemoPerson

OPENING = 41  # days ago: the first day, on which the team opens its courses
SOURCE = Path(__file__).with_name("learners.toml")


class End(StrEnum):
    """What becomes of an order: its money comes, comes by the second card, or does not come; or it still may."""

    PAID = "paid"
    SECOND_CARD = "second_card"
    EXPIRED = "expired"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """An order of a course."""

    course: str
    on: int
    end: End = End.PAID


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Money that goes back: a part of it, of staff's goodwill, or all, with the course."""

    course: str
    on: int
    part: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """A review and what others make of it on the same day: its answer, who reports it and why, why staff hide it."""

    course: str
    on: int
    stars: int
    text: str
    answer: str = ""
    reports: Mapping[str, str] = field(default_factory=dict)
    hidden_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """One learner's plan; `takes` has, by course, the days on which they take its next lesson."""

    person: DemoPerson
    joined: int
    errs: bool
    reads: int | None
    takes: Mapping[str, tuple[int, ...]]
    buys: tuple[Purchase, ...]
    returns: tuple[Return, ...]
    says: tuple[Opinion, ...]
    redeems: Mapping[str, int]


@cache
def learners() -> tuple[Learner, ...]:
    """Everyone, those first who joined first."""
    rows = tomllib.loads(SOURCE.read_text(encoding="utf-8"))["learners"]
    return tuple(sorted((_learner(row) for row in rows), key=lambda learner: -learner.joined))


def days() -> list[int]:
    """The days on which something happens, the first one first: on each of them somebody joins."""
    return sorted({learner.joined for learner in learners()}, reverse=True)


def moment(ago: int, *, now: datetime) -> datetime:
    """When the day begins: in its morning (UTC), at another minute each; today begins now."""
    if ago == 0:
        return now
    return (now - timedelta(days=ago)).replace(hour=7 + ago % 5, minute=ago * 7 % 60, second=0, microsecond=0)


def _learner(row: dict[str, Any]) -> Learner:
    person = DemoPerson(address_of(row["email"]), row["name"], row.get("locale", "en"), row.get("time_zone", "UTC"))
    return Learner(
        person=LEARNER if person.email == LEARNER.email else person,
        joined=row["joined"],
        errs=row.get("errs", False),
        reads=row.get("reads"),
        takes={course: tuple(on) for course, on in row.get("takes", {}).items()},
        buys=tuple(Purchase(**buy | {"end": End(buy.get("end", End.PAID))}) for buy in row.get("buys", ())),
        returns=tuple(Return(**one) for one in row.get("returns", ())),
        says=tuple(Opinion(**said) for said in row.get("says", ())),
        redeems=row.get("redeems", {}),
    )


def address_of(name: str) -> str:
    """The address of whom the story calls so."""
    return f"{name}@learninghub.example"
