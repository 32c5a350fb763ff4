"""What came of a learner's journey, read from the database and the mails, and held against what should have."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from apps.notifications.rules import POLICIES
from apps.notifications.types import Kind
from tests.faults.learner import House

Effects = Counter[tuple[Hashable, ...]]

# Each row is one effect. Sessions are left out: logging in again begins another one, as it should.
STATEMENTS = {
    "account": "select email_verified_at is not null, is_active from users_user where id = %s",
    "enrolment": "select course_id, state, percent, completed_lessons from enrollments_enrollment where user_id = %s",
    "lesson": """
        select lesson_id, quiz_passed_at is not null
        from enrollments_lessonprogress p join enrollments_enrollment e on e.id = p.enrollment_id
        where e.user_id = %s and p.completed_at is not null""",
    "attempt": "select quiz_id, number, state, score from assessments_attempt where user_id = %s",
    "points": "select rule, source, points from gamification_pointentry where user_id = %s",
    "standing": "select scope, points from gamification_standing where user_id = %s and week = 0",
    "tally": "select counts, value from gamification_tally where user_id = %s and counts <> 'weeks_in_a_row'",
    "badge": "select badge from gamification_earnedbadge where user_id = %s",
    "certificate": "select course_id, state, revoked_at from certificates_certificate where user_id = %s",
    "news": "select kind from notifications_notification where user_id = %s",
    "mail": "select kind from notifications_mail where user_id = %s",
    "fact": """
        select name from learninghub_outboxmessage
        where kind = 'fact' and payload ->> 'user_id' = %s::text and name not like 'auth.%%'""",
    "heard": """
        select o.name, i.handler from learninghub_inboxentry i join learninghub_outboxmessage o using (message_id)
        where o.payload ->> 'user_id' = %s::text and o.name not like 'auth.%%'""",
}
# Counters that several learners share: each must be the number of what it counts.
DRIFT = """
select c.id from courses_course c
left join enrollments_trackedcourse t on t.course_id = c.id
left join (select course_id, count(*) as taken, count(*) filter (where state = 'completed') as completed
           from enrollments_enrollment where state in ('active', 'completed') group by course_id) e
  on e.course_id = c.id
where c.learners <> coalesce(e.taken, 0) or coalesce(t.taken, 0) <> coalesce(e.taken, 0)
   or coalesce(t.completed, 0) <> coalesce(e.completed, 0)
"""
STUCK = """
select (select count(*) from learninghub_queuedmessage),
       (select count(*) from learninghub_outboxmessage where parked_at is not null),
       (select count(*) from notifications_mail where state in ('queued', 'sending', 'failed'))
"""


@dataclass
class Verdict:
    """How many effects are missing, there too often, or there although nothing asked for them; mails in doubt apart."""

    effects: int = 0
    lost: int = 0
    duplicate: int = 0
    ghost: int = 0
    doubtful_mails: int = 0
    second_mails: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def breaches(self) -> tuple[int, int, int]:
        return self.lost, self.duplicate, self.ghost


def effects_of(house: House, user_id: str) -> Effects:
    return Counter((name, *row) for name, statement in STATEMENTS.items() for row in house.ask(statement, user_id))


def judge(house: House, user_id: str, email: str, expected: Effects) -> Verdict:
    seen = effects_of(house, user_id)
    verdict = Verdict(effects=seen.total())
    for effect in seen.keys() | expected.keys():
        if seen[effect] != expected[effect]:
            verdict.differences.append(f"{effect}: {seen[effect]} instead of {expected[effect]}")
        if effect not in expected:
            verdict.ghost += seen[effect]
        verdict.lost += max(0, expected[effect] - seen[effect])
        verdict.duplicate += max(0, seen[effect] - expected[effect]) if effect in expected else 0
    _judge_mails(house, user_id, email, verdict)
    return verdict


def _judge_mails(house: House, user_id: str, email: str, verdict: Verdict) -> None:
    """One copy of each mail.

    Where its sender died nobody can tell whether it left: news of the account is then sent once more under the same
    Message-ID, other news is not, and is counted as unknown.
    """
    handed_over = Counter(mail["Message-ID"].strip("<>").partition("@")[0] for mail in house.mails_to(email))
    rows: list[tuple[Any, ...]] = house.ask(
        "select id, kind, state, doubts from notifications_mail where user_id = %s", user_id
    )
    for mail_id, kind, state, doubts in rows:
        copies = handed_over.pop(str(mail_id), 0)
        if copies != 1:
            verdict.differences.append(f"{kind} mail, {state}, doubts {doubts}: {copies} copies")
        may_be_two = doubts == 1 and POLICIES[Kind(kind)].duty is not None
        verdict.doubtful_mails += state == "unknown"
        verdict.second_mails += may_be_two and copies == 2
        verdict.lost += copies == 0 and not (state == "unknown" and doubts == 1)
        verdict.duplicate += max(0, copies - (2 if may_be_two else 1))
    verdict.ghost += handed_over.total()
    verdict.differences += [f"mail {one} of nothing" for one in handed_over]


# Rows by whom they belong to; what came to be and belongs to no learner of the trial is an alien.
OWNERS = {
    "account": "select id, count(*) from users_user group by id",
    "enrolment": "select user_id, count(*) from enrollments_enrollment group by user_id",
    "attempt": "select user_id, count(*) from assessments_attempt group by user_id",
    "points": "select user_id, count(*) from gamification_pointentry group by user_id",
    "certificate": "select user_id, count(*) from certificates_certificate group by user_id",
    "news": "select user_id, count(*) from notifications_notification group by user_id",
    "mail": "select user_id, count(*) from notifications_mail group by user_id",
    "fact": """
        select (payload ->> 'user_id')::uuid, count(*) from learninghub_outboxmessage
        where kind = 'fact' and payload ->> 'user_id' is not null group by 1""",
}
# Effects of facts that nobody stated, and facts of aggregates that are numbered with a gap or twice.
UNFOUNDED = """
select (select count(*) from learninghub_inboxentry i
        where not exists (select from learninghub_outboxmessage o where o.message_id = i.message_id))
     + (select count(*) from (
            select aggregate_type, aggregate_id from learninghub_outboxmessage where kind = 'fact'
            group by 1, 2 having count(*) <> max(aggregate_version) - min(aggregate_version) + 1) gaps)
"""


class Aliens:
    """What stood there before the trial, to tell what came to be without anybody of the trial having asked."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._before = self._owned()
        self._unfounded_before = house.ask(UNFOUNDED)[0][0]

    def count(self, *, known: list[str]) -> int:
        """Rows that came to be since then and belong to none of these people."""
        after = self._owned()
        came = Counter({owner: abs(after[owner] - self._before[owner]) for owner in after.keys() | self._before.keys()})
        strangers = sum(count for (_, person), count in came.items() if person not in known)
        return strangers + abs(int(self._house.ask(UNFOUNDED)[0][0]) - self._unfounded_before)

    def _owned(self) -> Counter[tuple[str, str]]:
        return Counter(
            {
                (name, str(owner)): count
                for name, statement in OWNERS.items()
                for owner, count in self._house.ask(statement)
            }
        )
