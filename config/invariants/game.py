"""Points, boards, badges follow from what was earned; balances and stocks from what was redeemed."""

from apps.gamification.rules import BADGES, WEEKS_IN_A_ROW
from config.invariants.invariant import Invariant


def _goals() -> dict[str, list[str] | list[int]]:
    badges = [badge for badge in BADGES if badge.counts != WEEKS_IN_A_ROW]
    return {
        "badges": [badge.key for badge in badges],
        "counts": [str(badge.counts) for badge in badges],
        "goals": [badge.goal for badge in badges],
    }


INVARIANTS = (
    Invariant(
        code="PT1",
        promise="A learner's points on every board are the sum of what they earned there.",
        statement="""
            with entry as (
                select user_id, points, course_id,
                       to_char(earned_at at time zone 'utc', 'IYYYIW')::integer as week from gamification_pointentry
            ), earned as (
                select user_id, scope, board.week, sum(points) as points
                  from entry,
                       lateral (values ('00000000-0000-0000-0000-000000000000'::uuid), (course_id)) scopes (scope),
                       lateral (values (0), (entry.week)) board (week)
                 group by user_id, scope, board.week
            )
            select user_id || ' on ' || scope || ' in ' || week,
                   format('%s shown, %s earned', coalesce(s.points, 0), coalesce(e.points, 0))
              from earned e full join gamification_standing s using (user_id, scope, week)
             where coalesce(s.points, 0) <> coalesce(e.points, 0)""",
    ),
    Invariant(
        code="PT2",
        promise="The histogram behind the ranks counts the learners who are shown.",
        statement="""
            select scope || ' in ' || week || ' at ' || bucket,
                   format('%s counted, %s there', coalesce(b.players, 0), coalesce(s.players, 0))
              from (select scope, week, bucket, count(*) as players from gamification_standing
                     where is_shown group by scope, week, bucket) s
              full join gamification_bucket b using (scope, week, bucket)
             where coalesce(b.players, 0) <> coalesce(s.players, 0)""",
    ),
    Invariant(
        code="PT3",
        promise="A learner has exactly the badges whose goals they reached.",
        statement="""
            with goal as (
                select * from unnest(%(badges)s::text[], %(counts)s::text[], %(goals)s::integer[])
                    as goal (badge, counts, goal)
            ), reached as (
                select user_id, badge from gamification_tally join goal using (counts) where value >= goal.goal
            )
            select user_id || ' ' || badge,
                   case when b.id is null then 'reached, not given' else 'given, not reached' end
              from reached
              full join (select * from gamification_earnedbadge where badge = any(%(badges)s)) b using (user_id, badge)
             where b.id is null or reached.user_id is null""",
        values=_goals,
    ),
    Invariant(
        code="PT4",
        promise="A learner has spent what they redeemed, and no more than they earned.",
        statement="""
            with redeemed as (
                select user_id, sum(points) as points from gamification_redemption where state = 'redeemed'
                 group by user_id
            ), earned as (
                select user_id, points from gamification_standing
                 where scope = '00000000-0000-0000-0000-000000000000' and week = 0
            )
            select p.user_id::text,
                   format('%s spent, %s redeemed, %s earned', p.spent, coalesce(r.points, 0), coalesce(e.points, 0))
              from gamification_player p left join redeemed r using (user_id) left join earned e using (user_id)
             where p.spent <> coalesce(r.points, 0) or p.spent > coalesce(e.points, 0)""",
    ),
    Invariant(
        code="PT5",
        promise="As many of a reward are taken as learners have redeemed.",
        statement="""
            select w.id::text, format('%s taken, %s redeemed', w.taken, count(r.id))
              from gamification_reward w
              left join gamification_redemption r on r.reward_id = w.id and r.state = 'redeemed'
             group by w.id having w.taken <> count(r.id)""",
    ),
)
