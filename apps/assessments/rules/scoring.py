"""From answers to points, from points to a percentage, from attempts to the score that counts."""

import random
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import TypeVar
from uuid import UUID

from apps.assessments.rules.written import is_near, matches
from apps.assessments.types import Keep, QuestionKind, ToleranceKind

Item = TypeVar("Item")

CHOSEN_KINDS = frozenset({QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.TRUE_FALSE})
GRACE = timedelta(seconds=5)  # what a save or a submission may take on its way here

POINTS_STEP = Decimal("0.0001")
PERCENT_STEP = Decimal("0.01")
FULL = Decimal("100.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is right for one question."""

    kind: QuestionKind
    right: frozenset[UUID] = frozenset()
    answers: tuple[str, ...] = ()
    tolerance: Decimal | None = None
    tolerance_kind: ToleranceKind = ToleranceKind.ABSOLUTE
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a learner gave: choices, or text; nothing is an answer too."""

    chosen: frozenset[UUID] = frozenset()
    text: str = ""


def credit(key: Key, response: Response, *, partial_credit: bool) -> Fraction:
    """The share of a question's points a response earns, 0 to 1; 1 exactly when it is all right."""
    if key.kind is QuestionKind.MULTIPLE and partial_credit:
        return choices_credit(response.chosen, right=key.right)
    if key.kind in CHOSEN_KINDS:
        return Fraction(bool(key.right) and response.chosen == key.right)
    if key.kind is QuestionKind.NUMERICAL:
        return Fraction(
            any(
                is_near(response.text, answer, tolerance=key.tolerance, tolerance_kind=key.tolerance_kind)
                for answer in key.answers
            )
        )
    return Fraction(any(matches(response.text, answer, case_sensitive=key.case_sensitive) for answer in key.answers))


def choices_credit(chosen: AbstractSet[UUID], *, right: AbstractSet[UUID]) -> Fraction:
    """Right choices less wrong ones, as a share of the right ones, never below 0.

    The number-right score with its correction for guessing, so that choosing everything earns no more than
    choosing nothing where right and wrong are as many.
    """
    if not right:
        return Fraction(0)
    return Fraction(max(0, len(chosen & right) - len(chosen - right)), len(right))


def points_for(share: Fraction, points: Decimal) -> Decimal:
    """A share of a question's points, to four places, half up."""
    return _rounded(share * Fraction(points), step=POINTS_STEP)


def percent(earned: Decimal, possible: Decimal) -> Decimal:
    """The percentage of the points, to two places, half up (ISO 80000-1 annex B, rule B; DIN 1333).

    From exact numbers, rounded once. 100.00 is said of full points alone. The rounded figure is the one that
    people see, so it is the one that passes.
    """
    if possible <= 0:
        return Decimal("0.00")
    rounded = _rounded(Fraction(earned) / Fraction(possible) * 100, step=PERCENT_STEP)
    return min(rounded, FULL - PERCENT_STEP) if earned < possible else rounded


def is_passed(score: Decimal, *, pass_percent: int) -> bool:
    """Whether a score passes: reaching the mark is enough."""
    return score >= pass_percent


def kept(previous: Decimal | None, score: Decimal, *, keep: Keep) -> Decimal:
    """The score that counts after one more attempt."""
    if previous is None or keep is Keep.LAST:
        return score
    return max(previous, score)


def deadline(started_at: datetime, *, time_limit_s: int | None, extra_s: int = 0) -> datetime | None:
    """When an attempt ends, None where the quiz has no time limit; extra time only lengthens a limit."""
    if time_limit_s is None:
        return None
    return started_at + timedelta(seconds=time_limit_s + extra_s)


def shuffled(items: Sequence[Item], *, seed: int) -> list[Item]:
    """The items in an order that the seed alone decides."""
    order = list(items)
    random.Random(seed).shuffle(order)  # noqa: S311 - an order to look at, not a secret
    return order


def _rounded(value: Fraction, *, step: Decimal) -> Decimal:
    return floor(value / Fraction(step) + Fraction(1, 2)) * step
