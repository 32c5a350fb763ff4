"""The words of points, boards and badges."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class PointRule(StrEnum):
    """What points are given for; each also counts towards badges."""

    ENROLLED = "enrolled"
    LESSON_COMPLETED = "lesson_completed"
    QUIZ_PASSED = "quiz_passed"
    QUIZ_PERFECT = "quiz_perfect"
    COURSE_COMPLETED = "course_completed"
    CERTIFICATE_EARNED = "certificate_earned"


class RedemptionState(StrEnum):
    """Whether a learner has what they redeemed, or the points again."""

    REDEEMED = "redeemed"
    REVERSED = "reversed"


class Period(StrEnum):
    """How far back a leaderboard looks: this ISO week, or always."""

    WEEK = "week"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeRule:
    """A badge: what it counts and how much of it is asked for."""

    key: str
    name: str
    description: str
    counts: str
    goal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeProgress:
    """How far one learner is with one badge, at most its goal."""

    badge: BadgeRule
    progress: int
    earned_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A learner's points on one board and their rank; no rank without points or off the leaderboard."""

    points: int
    rank: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedLearner:
    """A row of a leaderboard."""

    rank: int
    user_id: UUID
    name: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A learner's own view of their points; `balance` is what is left of them to spend."""

    points: int
    balance: int
    rank: int | None
    week_points: int
    week_rank: int | None
    weeks_in_a_row: int
    badges: int
    on_leaderboard: bool
