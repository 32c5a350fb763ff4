"""Looking again at what counts after a quiz asks for something else."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.assessments.actions.grading import lock_grade
from apps.assessments.models import Attempt, Grade, Override, Quiz
from apps.assessments.rules import scoring
from apps.assessments.types import Keep
from apps.enrollments import api as enrollments


def regrade_quiz(*, quiz_id: UUID, now: datetime) -> None:
    """Counts every learner's attempts by the quiz as it is now, and tells the lesson who passes; harmless twice.

    Attempts keep what they were graded as. One transaction a learner, so that nobody's own attempt waits long.
    """
    quiz = Quiz.objects.live().filter(id=quiz_id).first()
    if quiz is None:
        return
    for user_id in Grade.objects.filter(quiz_id=quiz_id).order_by("id").values_list("user_id", flat=True):
        _regrade_learner(quiz, user_id=user_id, now=now)


@transaction.atomic
def _regrade_learner(quiz: Quiz, *, user_id: UUID, now: datetime) -> None:
    grade = lock_grade(quiz_id=quiz.id, user_id=user_id)
    counted = None
    for attempt in Attempt.objects.filter(quiz=quiz, user_id=user_id).order_by("number"):
        if attempt.score is not None:
            counted = scoring.kept(counted, attempt.score, keep=Keep(quiz.keep))
    if counted != grade.score:
        grade.score = counted
        grade.save(update_fields=["score", "updated_at"])
    standing = Override.objects.filter(quiz=quiz, user_id=user_id, withdrawn_at__isnull=True).first()
    score = standing.score if standing else counted
    enrollments.record_quiz_result(
        user_id=user_id,
        course_id=quiz.course_id,
        lesson_id=quiz.lesson_id,
        passed=score is not None and scoring.is_passed(score, pass_percent=quiz.pass_percent),
        now=now,
    )
