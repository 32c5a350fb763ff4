"""What instructors decide for one learner: another grade, more time."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from apps.assessments.actions.grading import lock_grade
from apps.assessments.errors import LearnerNotFound, NotOverridden, OwnGrade, QuizNotFound
from apps.assessments.models import Attempt, AttemptState, ExtraTime, Override, Quiz
from apps.assessments.rules.scoring import deadline, is_passed
from apps.enrollments import api as enrollments
from learninghub import audit


@transaction.atomic
def override_grade(
    *, course_id: UUID, quiz_id: UUID, user_id: UUID, score: Decimal, reason: str, by: UUID, now: datetime
) -> Quiz:
    """Puts a score in the place of the computed one, which stays; the same again changes nothing.

    A pass counts for the lesson at once; like any pass it is not taken back later. Audited. Raises QuizNotFound,
    LearnerNotFound, OwnGrade.
    """
    quiz = _quiz_for_deciding(course_id=course_id, quiz_id=quiz_id, user_id=user_id, by=by)
    grade = lock_grade(quiz_id=quiz_id, user_id=user_id)
    standing = _standing(quiz_id=quiz_id, user_id=user_id)
    if standing is not None and (standing.score, standing.reason) == (score, reason):
        return quiz
    if standing is not None:
        _withdraw(standing, now=now)
    Override.objects.create(quiz=quiz, user_id=user_id, score=score, reason=reason, made_by_id=by, made_at=now)
    _tell_lesson(quiz, user_id=user_id, score=score, now=now)
    audit.record(
        action="assessments.grade_overridden",
        by=by,
        subject=user_id,
        reason=reason,
        details={
            "quiz_id": str(quiz_id),
            "score": str(score),
            "computed_score": _written(grade.score),
            "before": _written(standing.score if standing else None),
        },
        now=now,
    )
    return quiz


@transaction.atomic
def withdraw_override(*, course_id: UUID, quiz_id: UUID, user_id: UUID, by: UUID, now: datetime) -> None:
    """Lets the computed score count again. Audited. Raises QuizNotFound, LearnerNotFound, OwnGrade, NotOverridden."""
    quiz = _quiz_for_deciding(course_id=course_id, quiz_id=quiz_id, user_id=user_id, by=by)
    if _standing(quiz_id=quiz_id, user_id=user_id) is None:
        raise NotOverridden
    grade = lock_grade(quiz_id=quiz_id, user_id=user_id)
    standing = _standing(quiz_id=quiz_id, user_id=user_id)
    if standing is None:
        raise NotOverridden
    _withdraw(standing, now=now)
    if grade.score is not None:
        _tell_lesson(quiz, user_id=user_id, score=grade.score, now=now)
    audit.record(
        action="assessments.override_withdrawn",
        by=by,
        subject=user_id,
        details={
            "quiz_id": str(quiz_id),
            "score": str(standing.score),
            "computed_score": _written(grade.score),
        },
        now=now,
    )


@transaction.atomic
def give_extra_time(*, quiz_id: UUID, user_id: UUID, seconds: int, by: UUID, now: datetime) -> None:
    """Gives the learner so many seconds more at this quiz, 0 for none: in attempts to come, and in the open one.

    An open attempt's deadline is only ever put off. Audited. Raises QuizNotFound, LearnerNotFound, OwnGrade.
    """
    quiz = _quiz_for_deciding(course_id=None, quiz_id=quiz_id, user_id=user_id, by=by)
    if seconds:
        given = {"seconds": seconds, "given_by_id": by}
        ExtraTime.objects.update_or_create(quiz_id=quiz_id, user_id=user_id, defaults=given)
    else:
        ExtraTime.objects.filter(quiz_id=quiz_id, user_id=user_id).delete()
    _put_off_deadline(quiz, user_id=user_id, seconds=seconds)
    details = {"quiz_id": str(quiz_id), "seconds": seconds}
    audit.record(action="assessments.extra_time_given", by=by, subject=user_id, details=details, now=now)


def _quiz_for_deciding(*, course_id: UUID | None, quiz_id: UUID, user_id: UUID, by: UUID) -> Quiz:
    quiz = Quiz.objects.live().filter(id=quiz_id).first()
    if quiz is None or course_id not in {None, quiz.course_id}:
        raise QuizNotFound
    if user_id == by:
        raise OwnGrade
    if enrollments.find_enrollment(user_id=user_id, course_id=quiz.course_id) is None:
        raise LearnerNotFound
    return quiz


def _standing(*, quiz_id: UUID, user_id: UUID) -> Override | None:
    return Override.objects.filter(quiz_id=quiz_id, user_id=user_id, withdrawn_at__isnull=True).first()


def _withdraw(standing: Override, *, now: datetime) -> None:
    standing.withdrawn_at = now
    standing.save(update_fields=["withdrawn_at", "updated_at"])


def _tell_lesson(quiz: Quiz, *, user_id: UUID, score: Decimal, now: datetime) -> None:
    enrollments.record_quiz_result(
        user_id=user_id,
        lesson_id=quiz.lesson_id,
        course_id=quiz.course_id,
        passed=is_passed(score, pass_percent=quiz.pass_percent),
        now=now,
    )


def _put_off_deadline(quiz: Quiz, *, user_id: UUID, seconds: int) -> None:
    attempts = Attempt.objects.select_for_update(no_key=True).filter(quiz_id=quiz.id, user_id=user_id)
    attempt = attempts.filter(state=AttemptState.OPEN, deadline_at__isnull=False).first()
    if attempt is None or attempt.deadline_at is None:
        return
    deadline_at = deadline(attempt.started_at, time_limit_s=quiz.time_limit_s, extra_s=seconds)
    if deadline_at is not None and deadline_at > attempt.deadline_at:
        attempt.deadline_at = deadline_at
        attempt.save(update_fields=["deadline_at", "updated_at"])


def _written(score: Decimal | None) -> str | None:
    return None if score is None else str(score)
