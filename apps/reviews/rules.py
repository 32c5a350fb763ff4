"""Pure rules of reviews: who has seen enough of a course, when reports hide a review, how ratings add up."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from apps.reviews.errors import NotLearning, TeachesTheCourse, TooEarly
from learninghub.errors import DomainError

STARS = range(1, 6)
LONGEST_TEXT = 5_000
LONGEST_NOTE = 500
LEAST_PERCENT = 10
REPORTS_THAT_HIDE = 3


def refusal(*, teaches: bool, percent: int | None) -> DomainError | None:
    """Why somebody may not judge the course, as the error to raise; `percent` is None for who has no access."""
    if teaches:
        return TeachesTheCourse()
    if percent is None:
        return NotLearning()
    return None if percent >= LEAST_PERCENT else TooEarly(percent=percent, least_percent=LEAST_PERCENT)


def total(histogram: Sequence[int]) -> int:
    """The sum of all ratings."""
    return sum(stars * many for stars, many in zip(STARS, histogram, strict=True))


def average(histogram: Sequence[int]) -> Decimal:
    """The mean rating to two places, as the catalogue rounds it; 0 where nobody has rated."""
    count = sum(histogram)
    mean = Decimal(total(histogram)) / count if count else Decimal(0)
    return mean.quantize(Decimal("0.01"), ROUND_HALF_UP)
