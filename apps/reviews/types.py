"""The words of reviews: how they stand, what happens to them, how lists are sorted, and a course's ratings."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypedDict
from uuid import UUID


class Sort(StrEnum):
    """The orders of a course's reviews; equals come newest first."""

    NEWEST = "newest"
    HIGHEST = "highest"
    LOWEST = "lowest"


class ReviewState(StrEnum):
    """Who sees a review: everyone, or its author and staff."""

    SHOWN = "shown"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"


class Change(StrEnum):
    """What may happen to a review."""

    POSTED = "posted"
    EDITED = "edited"
    WITHDRAWN = "withdrawn"
    HIDDEN = "hidden"
    RESTORED = "restored"


class Reason(StrEnum):
    """Why a review is reported or hidden; the last is never said by a person."""

    SPAM = "spam"
    ABUSE = "abuse"
    OFF_TOPIC = "off_topic"
    PERSONAL_DATA = "personal_data"
    REPORTS = "reports"


SAID_BY_PEOPLE = [reason for reason in Reason if reason != Reason.REPORTS]


class Decision(StrEnum):
    """What staff may make of a review."""

    HIDE = "hide"
    RESTORE = "restore"


class ReviewChanges(TypedDict, total=False):
    """What may be changed of a review; absent means as it is."""

    rating: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How a course is rated; `histogram` counts reviews of one star first, of five last."""

    course_id: UUID
    count: int
    sum: int
    average: Decimal
    histogram: tuple[int, ...]
