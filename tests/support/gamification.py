"""Points for tests, and whether everything kept beside the ledger still agrees with it."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from apps.gamification import actions
from apps.gamification.models import (
    ALWAYS,
    EVERYWHERE,
    Bucket,
    EarnedBadge,
    Player,
    PointEntry,
    Redemption,
    Reward,
    Standing,
    Tally,
)
from apps.gamification.queries import count_earned
from apps.gamification.rules import bucket, earned, iso_week
from apps.gamification.types import PointRule, RedemptionState
from learninghub.db import uuid7
from tests.support.people import make_person

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def award(
    person: Any,
    course: Any,
    *,
    rule: PointRule = PointRule.LESSON_COMPLETED,
    source: UUID | None = None,
    now: datetime = NOON,
) -> None:
    """The person earns the rule's points in the course, for something new unless a source is named."""
    actions.award(user_id=person.id, rule=rule, source=source or uuid7(), course_id=course.id, now=now)


def disagreements() -> list[str]:
    """What differs from the ledger (invariant PT1); empty when all is well."""
    return [*_wrong_standings(), *_wrong_histogram(), *_wrong_tallies_and_badges(), *_wrong_spending()]


def make_reward(*, cost: int = 10, **fields: Any) -> UUID:
    """Something to spend points on."""
    staff = make_person(roles={"staff"})
    return actions.add_reward(**{"name": "A mug", "cost": cost, "by": staff.id, "now": NOON, **fields})


def _wrong_spending() -> list[str]:
    kept = Redemption.objects.filter(state=RedemptionState.REDEEMED)
    spent: Counter[UUID] = Counter()
    for redemption in kept.order_by("id"):
        spent[redemption.user_id] += redemption.points
    found = [f"{each.pk}: spent {each.spent}" for each in Player.objects.order_by("pk") if each.spent != spent[each.pk]]
    found += [f"{who}: spent {many} unearned" for who, many in spent.items() if many > count_earned(user_id=who)]
    taken = Counter(kept.values_list("reward", flat=True))
    return found + [
        f"{each.pk}: {each.taken}" for each in Reward.objects.order_by("pk") if each.taken != taken[each.pk]
    ]


def _wrong_standings() -> list[str]:
    points: Counter[tuple[UUID, UUID, int]] = Counter()
    for entry in PointEntry.objects.order_by("id"):
        for scope in (EVERYWHERE, entry.course_id):
            for week in (ALWAYS, iso_week(entry.earned_at)):
                points[entry.user_id, scope, week] += entry.points
    shown = {player.pk: player.on_leaderboard for player in Player.objects.order_by("pk")}
    kept = {(each.user_id, each.scope, each.week): each for each in Standing.objects.order_by("id")}
    found = [f"{key}: {each.points}" for key, each in kept.items() if each.points != points[key]]
    found += [f"{key} is missing" for key in points.keys() - kept.keys()]
    return found + [
        f"{key}: bucket {each.bucket}, shown {each.is_shown}"
        for key, each in kept.items()
        if (each.bucket, each.is_shown) != (bucket(each.points), shown[each.user_id])
    ]


def _wrong_histogram() -> list[str]:
    cells = Counter((each.scope, each.week, each.bucket) for each in Standing.objects.filter(is_shown=True))
    kept = {(each.scope, each.week, each.bucket): each.players for each in Bucket.objects.filter(players__gt=0)}
    return [] if kept == cells else [f"the histogram is {kept}, the standings make {cells}"]


def _wrong_tallies_and_badges() -> list[str]:
    counts = Counter(PointEntry.objects.values_list("user_id", "rule"))
    tallies: dict[UUID, dict[str, int]] = defaultdict(dict)
    for tally in Tally.objects.order_by("id"):
        tallies[tally.user_id][tally.counts] = tally.value
    found = [f"{who}: {rule} {many}" for (who, rule), many in counts.items() if tallies[who].get(rule) != many]
    held: dict[UUID, set[str]] = defaultdict(set)
    for badge in EarnedBadge.objects.order_by("id"):
        held[badge.user_id].add(badge.badge)
    return found + [
        f"{who}: {held[who]}" for who, own in tallies.items() if held[who] != {badge.key for badge in earned(own)}
    ]
