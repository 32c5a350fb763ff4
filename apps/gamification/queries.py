"""The reads of gamification."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from apps.courses import api as courses
from apps.courses.errors import CourseNotFound
from apps.enrollments import api as enrollments
from apps.gamification.errors import RedemptionNotFound
from apps.gamification.models import ALWAYS, EVERYWHERE, EarnedBadge, Player, Redemption, Reward, Standing, Tally
from apps.gamification.rules import BADGES, WEEKS_IN_A_ROW, iso_week
from apps.gamification.types import BadgeProgress, Period, Place, Profile, RankedLearner
from apps.users import api as users
from learninghub.db import prepared_cursor
from learninghub.http.pagination import Page, PageRequest, paginate

# An exact rank without counting everyone above: whole buckets from the histogram, and one by one only within my own.
# Ties go to who got there first, then to the smaller id.
_PLACE = """
select me.points,
       case when me.is_shown then
           1 + coalesce((select sum(players) from gamification_bucket above
                          where above.scope = me.scope and above.week = me.week and above.bucket > me.bucket), 0)
             + (select count(*) from gamification_standing near
                 where near.scope = me.scope and near.week = me.week and near.is_shown
                   and near.bucket = me.bucket and near.points >= me.points
                   and (near.points > me.points
                        or (near.reached_at, near.user_id) < (me.reached_at, me.user_id)))
       end
  from gamification_standing me
 where me.user_id = %(user_id)s and me.scope = %(scope)s and me.week = %(week)s
"""
_ORDER = ["-bucket", "-points", "reached_at", "user_id"]


def get_place(*, user_id: UUID, scope: UUID, week: int) -> Place:
    """The learner's points and rank on a board, in one statement."""
    with prepared_cursor() as cursor:
        cursor.execute(_PLACE, {"user_id": user_id, "scope": scope, "week": week})
        row = cursor.fetchone()
    if row is None:
        return Place(points=0, rank=None)
    points, rank = row
    return Place(points=points, rank=None if rank is None else int(rank))


def get_profile(*, user_id: UUID, now: datetime) -> Profile:
    """The learner's own points, ranks everywhere, badges and choice."""
    always = get_place(user_id=user_id, scope=EVERYWHERE, week=ALWAYS)
    this_week = get_place(user_id=user_id, scope=EVERYWHERE, week=iso_week(now))
    streak = Tally.objects.filter(user_id=user_id, counts=WEEKS_IN_A_ROW).values_list("value", flat=True).first()
    player = Player.objects.filter(pk=user_id).first()
    return Profile(
        points=always.points,
        balance=always.points - (player.spent if player else 0),
        rank=always.rank,
        week_points=this_week.points,
        week_rank=this_week.rank,
        weeks_in_a_row=streak or 0,
        badges=sum(badge.earned_at is not None for badge in list_badges(user_id=user_id)),
        on_leaderboard=player.on_leaderboard if player else True,
    )


def count_earned(*, user_id: UUID) -> int:
    """All points the learner ever earned; those of who holds the player's lock stay so."""
    own = Standing.objects.board(scope=EVERYWHERE, week=ALWAYS).filter(user_id=user_id)
    return own.values_list("points", flat=True).first() or 0


def list_rewards(*, now: datetime, page: PageRequest) -> Page[Reward]:
    """What is offered now, the cheapest first; what is sold out stays to be seen."""
    return paginate(Reward.objects.offered(now), order_by=["cost", "id"], page=page)


def get_reward(*, reward_id: UUID) -> Reward:
    """The reward, offered or not."""
    return Reward.objects.get(id=reward_id)


def find_reward(*, name: str) -> UUID | None:
    """The id of the oldest reward of this name."""
    return Reward.objects.filter(name=name).order_by("id").values_list("id", flat=True).first()


def has_redeemed(*, user_id: UUID, reward_id: UUID) -> bool:
    """Whether the learner spent points on the reward."""
    return Redemption.objects.filter(user_id=user_id, reward_id=reward_id).exists()


def list_redemptions(*, user_id: UUID, page: PageRequest) -> Page[Redemption]:
    """What the learner spent points on, the latest first."""
    rows = Redemption.objects.select_related("reward").filter(user_id=user_id)
    return paginate(rows, order_by=["-redeemed_at", "-id"], page=page)


def get_redemption(*, redemption_id: UUID) -> Redemption:
    """One redemption with its reward; raises RedemptionNotFound."""
    found = Redemption.objects.select_related("reward").filter(id=redemption_id).first()
    if found is None:
        raise RedemptionNotFound
    return found


def list_badges(*, user_id: UUID) -> list[BadgeProgress]:
    """Every badge there is, in the order declared, and how far the learner is with it."""
    tallies = dict(Tally.objects.filter(user_id=user_id).order_by("counts").values_list("counts", "value"))
    earned = dict(EarnedBadge.objects.filter(user_id=user_id).order_by("badge").values_list("badge", "earned_at"))
    return [
        BadgeProgress(
            badge=badge,
            progress=badge.goal if badge.key in earned else min(badge.goal, tallies.get(badge.counts, 0)),
            earned_at=earned.get(badge.key),
        )
        for badge in BADGES
    ]


def get_leaderboard(
    *, by: UUID, course_id: UUID | None, period: Period, page: PageRequest, now: datetime
) -> tuple[Page[RankedLearner], Place]:
    """A page of the board, best first, and the caller's own place on it.

    A course's board is for its learners and instructors; for others it raises the courses' CourseNotFound.
    """
    if course_id is not None and not _is_of_course(by, course_id):
        raise CourseNotFound
    scope = course_id or EVERYWHERE
    week = iso_week(now) if period == Period.WEEK else ALWAYS
    found = paginate(Standing.objects.board(scope=scope, week=week).filter(is_shown=True), order_by=_ORDER, page=page)
    people = users.get_people(ids=[standing.user_id for standing in found.results])
    first = _first_rank(found, scope=scope, week=week)
    rows = [
        RankedLearner(
            rank=rank, user_id=standing.user_id, name=people[standing.user_id].display_name, points=standing.points
        )
        for rank, standing in enumerate(found.results, start=first)
    ]
    return replace(found, results=rows), get_place(user_id=by, scope=scope, week=week)


def _is_of_course(user_id: UUID, course_id: UUID) -> bool:
    return enrollments.has_access(user_id=user_id, course_id=course_id) or courses.teaches(
        user_id=user_id, course_id=course_id
    )


def _first_rank(page: Page[Standing], *, scope: UUID, week: int) -> int:
    if page.previous is None or not page.results:
        return 1
    return get_place(user_id=page.results[0].user_id, scope=scope, week=week).rank or 1
