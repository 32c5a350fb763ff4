"""Earning points and badges, and who is shown for it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.gamification.events import BadgeEarned
from apps.gamification.models import ALWAYS, EVERYWHERE, EarnedBadge, Player, PointEntry, Standing, Tally
from apps.gamification.rules import POINTS, WEEKS_IN_A_ROW, bucket, earned, iso_week, longest_streak
from apps.gamification.types import PointRule
from learninghub.outbox import publish_all

PERFECT = Decimal(100)

# The buckets are made and locked in one order, so that two learners moving through the same ones never wait for each
# other in a circle; only then are they changed.
_LOCK_BUCKETS = """
insert into gamification_bucket as kept (scope, week, bucket, players)
select scope, week, bucket, 0
  from unnest(%(scopes)s::uuid[], %(weeks)s::integer[], %(buckets)s::integer[]) as moved (scope, week, bucket)
 order by scope, week, bucket
on conflict (scope, week, bucket) do update set players = kept.players
"""
_MOVE = """
update gamification_bucket kept
   set players = kept.players + moved.step
  from unnest(%(scopes)s::uuid[], %(weeks)s::integer[], %(buckets)s::integer[], %(steps)s::integer[])
       as moved (scope, week, bucket, step)
 where kept.scope = moved.scope and kept.week = moved.week and kept.bucket = moved.bucket
"""

Cell = tuple[UUID, int, int]


@transaction.atomic
def award(*, user_id: UUID, rule: PointRule, source: UUID, course_id: UUID, now: datetime) -> None:
    """Gives the rule's points once for the source, and any badge they complete.

    Locks the player. Harmless twice and in any order: the ledger is unique by learner, rule and source.
    """
    player = lock_player(user_id)
    _award(player, [rule], source=source, course_id=course_id, now=now)


@transaction.atomic
def award_attempt(
    *, user_id: UUID, quiz_id: UUID, course_id: UUID, passed: bool, score: Decimal, now: datetime
) -> None:
    """Gives the points of a graded attempt: for passing the quiz, and for a perfect score, each once for the quiz."""
    if not passed:
        return
    player = lock_player(user_id)
    # Both in one move: a second one would ask for buckets that sort before those the first one holds.
    rules = [PointRule.QUIZ_PASSED, PointRule.QUIZ_PERFECT] if score >= PERFECT else [PointRule.QUIZ_PASSED]
    _award(player, rules, source=quiz_id, course_id=course_id, now=now)


@transaction.atomic
def show_on_leaderboard(*, user_id: UUID, on_leaderboard: bool) -> None:
    """Shows the learner on every board, or hides them from all; their points stay either way."""
    player = lock_player(user_id)
    if player.on_leaderboard == on_leaderboard:
        return
    player.on_leaderboard = on_leaderboard
    player.save(update_fields=["on_leaderboard"])
    standings = Standing.objects.filter(user_id=user_id)
    standings.update(is_shown=on_leaderboard)
    step = 1 if on_leaderboard else -1
    cells = standings.order_by("scope", "week").values_list("scope", "week", "bucket")
    _move(Counter(dict.fromkeys(cells, step)))


def lock_player(user_id: UUID) -> Player:
    """The player, locked until the transaction ends; whatever they earn or spend changes under this lock."""
    Player.objects.bulk_create([Player(user_id=user_id)], ignore_conflicts=True)
    return Player.objects.select_for_update(no_key=True).get(pk=user_id)


def _award(player: Player, rules: Sequence[PointRule], *, source: UUID, course_id: UUID, now: datetime) -> None:
    new = [rule for rule in rules if _enter(player, rule, source=source, course_id=course_id, now=now)]
    if new:
        points = sum(POINTS[rule] for rule in new)
        is_first_of_week = _add_points(player, course_id=course_id, points=points, now=now)
        tallies = _count(player, new, is_first_of_week=is_first_of_week)
        _give_badges(player, tallies, now=now)


def _enter(player: Player, rule: PointRule, *, source: UUID, course_id: UUID, now: datetime) -> bool:
    _, is_new = PointEntry.objects.get_or_create(
        user_id=player.pk,
        rule=rule,
        source=source,
        defaults={"course_id": course_id, "points": POINTS[rule], "earned_at": now},
    )
    return is_new


def _add_points(player: Player, *, course_id: UUID, points: int, now: datetime) -> bool:
    """Adds to the player's standings; says whether these are the first points of their week."""
    boards = [(scope, week) for scope in (EVERYWHERE, course_id) for week in (ALWAYS, iso_week(now))]
    own = Standing.objects.filter(
        user_id=player.pk, scope__in=[EVERYWHERE, course_id], week__in=[ALWAYS, iso_week(now)]
    )
    before = {(standing.scope, standing.week): standing for standing in own}
    moves: Counter[Cell] = Counter()
    standings = []
    for scope, week in boards:
        known = before.get((scope, week))
        total = points + (known.points if known else 0)
        standings.append(
            Standing(
                user_id=player.pk,
                scope=scope,
                week=week,
                points=total,
                bucket=bucket(total),
                reached_at=max(known.reached_at, now) if known else now,
                is_shown=player.on_leaderboard,
            )
        )
        moves[scope, week, bucket(total)] += 1
        if known:
            moves[scope, week, known.bucket] -= 1
    Standing.objects.bulk_create(
        standings,
        update_conflicts=True,
        unique_fields=["user", "scope", "week"],
        update_fields=["points", "bucket", "reached_at", "updated_at"],
    )
    if player.on_leaderboard:
        _move(moves)
    return (EVERYWHERE, iso_week(now)) not in before


def _move(moves: Counter[Cell]) -> None:
    cells = sorted(cell for cell, step in moves.items() if step)
    columns: dict[str, list[Any]] = {
        "scopes": [scope for scope, _, _ in cells],
        "weeks": [week for _, week, _ in cells],
        "buckets": [place for _, _, place in cells],
        "steps": [moves[cell] for cell in cells],
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_BUCKETS, columns)
        cursor.execute(_MOVE, columns)


def _count(player: Player, rules: Sequence[PointRule], *, is_first_of_week: bool) -> dict[str, int]:
    tallies = dict(Tally.objects.filter(user_id=player.pk).values_list("counts", "value"))
    changed = {rule.value: tallies.get(rule, 0) + 1 for rule in rules}
    if is_first_of_week:
        weeks = Standing.objects.filter(user_id=player.pk, scope=EVERYWHERE, week__gt=ALWAYS)
        changed[WEEKS_IN_A_ROW] = longest_streak(weeks.values_list("week", flat=True))
    Tally.objects.bulk_create(
        [Tally(user_id=player.pk, counts=counts, value=value) for counts, value in changed.items()],
        update_conflicts=True,
        unique_fields=["user", "counts"],
        update_fields=["value"],
    )
    return tallies | changed


def _give_badges(player: Player, tallies: Mapping[str, int], *, now: datetime) -> None:
    held = set(EarnedBadge.objects.filter(user_id=player.pk).values_list("badge", flat=True))
    new = [badge for badge in earned(tallies) if badge.key not in held]
    EarnedBadge.objects.bulk_create([EarnedBadge(user_id=player.pk, badge=badge.key, earned_at=now) for badge in new])
    publish_all([BadgeEarned(user_id=player.pk, badge=badge.key, name=badge.name) for badge in new])
