"""The rules of the game: what earns points and badges, and how the histogram behind the ranks is cut."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from apps.gamification.types import BadgeRule, PointRule
from learninghub.errors import Invalid

POINTS: Mapping[PointRule, int] = {
    PointRule.ENROLLED: 5,
    PointRule.LESSON_COMPLETED: 10,
    PointRule.QUIZ_PASSED: 20,
    PointRule.QUIZ_PERFECT: 10,
    PointRule.COURSE_COMPLETED: 100,
    PointRule.CERTIFICATE_EARNED: 25,
}

WEEKS_IN_A_ROW = "weeks_in_a_row"
DEAREST = LARGEST_STOCK = 1_000_000

BADGES = (
    BadgeRule(
        key="first-lesson",
        name="First steps",
        description="Complete a lesson.",
        counts=PointRule.LESSON_COMPLETED,
        goal=1,
    ),
    BadgeRule(
        key="fifty-lessons",
        name="Bookworm",
        description="Complete 50 lessons.",
        counts=PointRule.LESSON_COMPLETED,
        goal=50,
    ),
    BadgeRule(
        key="first-course",
        name="Finisher",
        description="Complete a course.",
        counts=PointRule.COURSE_COMPLETED,
        goal=1,
    ),
    BadgeRule(
        key="five-courses",
        name="Scholar",
        description="Complete five courses.",
        counts=PointRule.COURSE_COMPLETED,
        goal=5,
    ),
    BadgeRule(
        key="perfect-quiz",
        name="Flawless",
        description="Answer everything in a quiz correctly.",
        counts=PointRule.QUIZ_PERFECT,
        goal=1,
    ),
    BadgeRule(
        key="ten-quizzes",
        name="Quiz master",
        description="Pass ten quizzes.",
        counts=PointRule.QUIZ_PASSED,
        goal=10,
    ),
    BadgeRule(
        key="four-weeks",
        name="Steady",
        description="Learn in four weeks in a row.",
        counts=WEEKS_IN_A_ROW,
        goal=4,
    ),
)

# The cut of the histogram: fine where most learners are, coarse where few are, so that neither the buckets above a
# learner nor the learners within a bucket grow many.
_FINE, _MIDDLE = 1_000, 10_000
_FINE_BUCKETS = _FINE // 10
_MIDDLE_BUCKETS = _FINE_BUCKETS + (_MIDDLE - _FINE) // 100


def bucket(points: int) -> int:
    """The histogram bucket of a score: 10 points wide below 1,000, 100 below 10,000, 1,000 above."""
    if points < _FINE:
        return points // 10
    if points < _MIDDLE:
        return _FINE_BUCKETS + (points - _FINE) // 100
    return _MIDDLE_BUCKETS + (points - _MIDDLE) // 1_000


def earned(tallies: Mapping[str, int]) -> list[BadgeRule]:
    """The badges whose goal is reached, in the order they are declared."""
    return [badge for badge in BADGES if tallies.get(badge.counts, 0) >= badge.goal]


def iso_week(moment: datetime) -> int:
    """The ISO 8601 week of the moment in UTC, as year * 100 + week."""
    year, week, _ = moment.astimezone(UTC).isocalendar()
    return year * 100 + week


def longest_streak(weeks: Iterable[int]) -> int:
    """The most weeks in a row among these, across the turn of years."""
    numbered = {date.fromisocalendar(week // 100, week % 100, 1).toordinal() // 7 for week in weeks}
    longest = 0
    for first in (week for week in numbered if week - 1 not in numbered):
        last = first
        while last + 1 in numbered:
            last += 1
        longest = max(longest, last - first + 1)
    return longest


def check_reward(*, cost: int, stock: int | None, opens_at: datetime, closes_at: datetime | None) -> None:
    """Refuses what no reward may be; raises Invalid naming every field at fault."""
    errors = {}
    if not 0 < cost <= DEAREST:
        errors["cost"] = [f"Between 1 and {DEAREST} points."]
    if stock is not None and not 0 < stock <= LARGEST_STOCK:
        errors["stock"] = [f"Between 1 and {LARGEST_STOCK}, or nothing."]
    if closes_at and closes_at <= opens_at:
        errors["closes_at"] = ["After it opens."]
    if errors:
        raise Invalid(errors=errors)
