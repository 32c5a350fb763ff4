"""Closing an attempt and grading it, which happens once however many ask for it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction

from apps.assessments.errors import AttemptNotFound
from apps.assessments.events import AttemptGraded
from apps.assessments.models import Attempt, Grade
from apps.assessments.queries.attempts import get_attempt, list_late_ids, list_open_ids
from apps.assessments.queries.sheets import Asked, list_asked
from apps.assessments.rules import scoring
from apps.assessments.rules.scoring import GRACE, Key, Response
from apps.assessments.types import Keep, QuestionKind, ToleranceKind
from apps.enrollments import api as enrollments
from learninghub.db import uuid7
from learninghub.outbox import publish

BATCH = 1000

# Who closes the attempt grades it: the state decides under the row lock, and only one statement finds it open. A
# learner hands in within the grace, which counts as the deadline; later it is closed with what was saved till then.
_CLOSE = """
update assessments_attempt attempt
   set state = case when %(by_learner)s
                     and coalesce(statement_timestamp() <= attempt.deadline_at + %(grace)s, true)
                    then 'submitted' else 'expired' end,
       closed_at = least(statement_timestamp(), attempt.deadline_at),
       updated_at = statement_timestamp()
  from assessments_quiz quiz
  join assessments_grade grade on grade.quiz_id = quiz.id
  left join assessments_override override
    on override.quiz_id = quiz.id and override.user_id = grade.user_id and override.withdrawn_at is null
 where attempt.id = %(attempt_id)s
   and attempt.state = 'open'
   and quiz.id = attempt.quiz_id
   and grade.user_id = attempt.user_id
   and (%(user_id)s::uuid is null or attempt.user_id = %(user_id)s)
   and (not %(only_late)s or statement_timestamp() > attempt.deadline_at + %(grace)s)
returning attempt.*, statement_timestamp() as clock, quiz.course_id, quiz.lesson_id, quiz.pass_percent, quiz.keep,
          quiz.partial_credit, grade.score as counted_before, override.score as overridden_score
"""

_WRITE_GRADE = """
with answered as (
    update assessments_answer answer
       set points = earned.points, updated_at = statement_timestamp()
      from unnest(%(answer_ids)s::uuid[], %(answer_points)s::numeric[]) as earned (id, points)
     where answer.id = earned.id
), closed as (
    update assessments_attempt
       set points = %(points)s, score = %(score)s, is_passed = %(is_passed)s
     where id = %(attempt_id)s
)
update assessments_grade
   set score = %(counted)s, updated_at = statement_timestamp()
 where quiz_id = %(quiz_id)s and user_id = %(user_id)s
"""

_LOCK_GRADE = """
insert into assessments_grade as kept (id, quiz_id, user_id, attempts, updated_at)
values (%(id)s, %(quiz_id)s, %(user_id)s, 0, statement_timestamp())
on conflict (quiz_id, user_id) do update set updated_at = excluded.updated_at
returning kept.*
"""


@dataclass(frozen=True, slots=True)
class _Terms:
    """What the quiz and the learner's grade say to the grading of one attempt."""

    course_id: UUID
    lesson_id: UUID
    pass_percent: int
    keep: str
    partial_credit: bool
    counted_before: Decimal | None
    overridden_score: Decimal | None


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed attempt with its graded answers."""

    attempt: Attempt
    asked: Sequence[Asked]


def submit_attempt(*, attempt_id: UUID, user_id: UUID, now: datetime) -> Closed:
    """Hands the attempt in and grades it, once: whoever asks again, or too late, gets the result that stands.

    After the deadline and its grace it is closed as expired, with what was saved. States AttemptGraded and tells
    enrollments in the same transaction. Raises AttemptNotFound.
    """
    closed = _close(attempt_id=attempt_id, user_id=user_id, by_learner=True, only_late=False, now=now)
    if closed is not None:
        return closed
    attempt = get_attempt(attempt_id=attempt_id, reader_id=user_id)
    if attempt.user_id != user_id:
        raise AttemptNotFound
    return Closed(attempt, list_asked(attempt_id=attempt_id))


def close_if_late(*, attempt_id: UUID, now: datetime) -> None:
    """Closes and grades an attempt whose time and grace are over; no effect on any other."""
    _close(attempt_id=attempt_id, user_id=None, by_learner=False, only_late=True, now=now)


def close_late_attempts(*, now: datetime) -> None:
    """Closes and grades attempts whose time and grace are over, each in a transaction of its own."""
    for attempt_id in list_late_ids(limit=BATCH):
        close_if_late(attempt_id=attempt_id, now=now)


def close_attempts_of_learner(*, user_id: UUID, course_id: UUID, now: datetime) -> None:
    """Closes and grades what someone who lost access had open, with what was saved.

    Harmless twice, and without effect for who has access again: the news of losing it may come late.
    """
    if enrollments.has_access(user_id=user_id, course_id=course_id):
        return
    for attempt_id in list_open_ids(user_id=user_id, course_id=course_id):
        _close(attempt_id=attempt_id, user_id=user_id, by_learner=False, only_late=False, now=now)


def lock_grade(*, quiz_id: UUID, user_id: UUID) -> Grade:
    """The learner's grade in the quiz under its row lock, made where there was none; needs a transaction."""
    return next(iter(Grade.objects.raw(_LOCK_GRADE, {"id": uuid7(), "quiz_id": quiz_id, "user_id": user_id})))


@transaction.atomic
def _close(
    *, attempt_id: UUID, user_id: UUID | None, by_learner: bool, only_late: bool, now: datetime
) -> Closed | None:
    how = {"attempt_id": attempt_id, "user_id": user_id, "by_learner": by_learner, "only_late": only_late}
    attempt = next(iter(Attempt.objects.raw(_CLOSE, {**how, "grace": GRACE})), None)
    if attempt is None:
        return None
    terms = _Terms(**{term.name: getattr(attempt, term.name) for term in fields(_Terms)})
    asked = [_graded(one, partial_credit=terms.partial_credit) for one in list_asked(attempt_id=attempt_id)]
    earned = sum((one.earned for one in asked if one.earned), Decimal("0.0000"))
    score = scoring.percent(earned, attempt.possible_points)
    passed = scoring.is_passed(score, pass_percent=terms.pass_percent)
    attempt.points, attempt.score, attempt.is_passed = earned, score, passed
    counted = scoring.kept(terms.counted_before, score, keep=Keep(terms.keep))
    _write_grade(attempt, asked, counted=counted)
    lesson = {"user_id": attempt.user_id, "course_id": terms.course_id, "lesson_id": terms.lesson_id}
    publish(AttemptGraded(attempt_id=attempt.id, quiz_id=attempt.quiz_id, passed=passed, score=score, **lesson))
    standing = counted if terms.overridden_score is None else terms.overridden_score
    has_passed = scoring.is_passed(standing, pass_percent=terms.pass_percent)
    enrollments.record_quiz_result(passed=has_passed, now=now, **lesson)
    return Closed(attempt, asked)


def _graded(asked: Asked, *, partial_credit: bool) -> Asked:
    key = Key(
        kind=QuestionKind(asked.kind),
        right=frozenset(choice_id for choice_id, (_, is_right, _) in asked.choices().items() if is_right),
        answers=tuple(asked.answers),
        tolerance=asked.tolerance,
        tolerance_kind=ToleranceKind(asked.tolerance_kind),
        case_sensitive=asked.case_sensitive,
    )
    share = scoring.credit(
        key, Response(chosen=frozenset(asked.chosen), text=asked.text), partial_credit=partial_credit
    )
    return replace(asked, earned=scoring.points_for(share, asked.points))


def _write_grade(attempt: Attempt, asked: Sequence[Asked], *, counted: Decimal) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE_GRADE,
            {
                "answer_ids": [one.id for one in asked],
                "answer_points": [one.earned for one in asked],
                "attempt_id": attempt.id,
                "quiz_id": attempt.quiz_id,
                "user_id": attempt.user_id,
                "points": attempt.points,
                "score": attempt.score,
                "is_passed": attempt.is_passed,
                "counted": counted,
            },
        )
