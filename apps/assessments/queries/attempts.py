"""Attempts as stored, for their learner and for grading."""

from uuid import UUID

from django.db.models import Value
from django.db.models.functions import Now

from apps.assessments.errors import AttemptNotFound
from apps.assessments.models import Attempt, AttemptState
from apps.assessments.rules.scoring import GRACE
from apps.courses import api as courses
from learninghub.http.pagination import Page, PageRequest, paginate


def get_attempt(*, attempt_id: UUID, reader_id: UUID) -> Attempt:
    """An attempt with its quiz and the database's `clock`, for its learner or an instructor; raises AttemptNotFound."""
    found = Attempt.objects.clocked().select_related("quiz").filter(id=attempt_id).first()
    if found is None:
        raise AttemptNotFound
    if found.user_id != reader_id and not courses.teaches(user_id=reader_id, course_id=found.quiz.course_id):
        raise AttemptNotFound
    return found


def list_own(*, quiz_id: UUID, user_id: UUID, page: PageRequest) -> Page[Attempt]:
    """The learner's attempts at a quiz, newest first."""
    return paginate(Attempt.objects.filter(quiz_id=quiz_id, user_id=user_id), order_by=["-number", "id"], page=page)


def find_open(*, quiz_id: UUID, user_id: UUID) -> Attempt | None:
    """The learner's open attempt, with `is_late` by the database's clock and `clock` itself."""
    return Attempt.objects.clocked().filter(quiz_id=quiz_id, user_id=user_id, state=AttemptState.OPEN).first()


def lock_own(*, attempt_id: UUID, user_id: UUID) -> Attempt:
    """The learner's attempt under its row lock, with `is_late` and `clock`; raises AttemptNotFound."""
    attempts = Attempt.objects.clocked().select_for_update(no_key=True)
    found = attempts.filter(id=attempt_id, user_id=user_id).first()
    if found is None:
        raise AttemptNotFound
    return found


def list_late_ids(*, limit: int) -> list[UUID]:
    """Open attempts whose time and grace are over, longest overdue first."""
    late = Attempt.objects.filter(state=AttemptState.OPEN, deadline_at__lt=Now() - Value(GRACE))
    return list(late.order_by("deadline_at", "id").values_list("id", flat=True)[:limit])


def list_open_ids(*, user_id: UUID, course_id: UUID) -> list[UUID]:
    """The learner's open attempts in a course."""
    attempts = Attempt.objects.filter(user_id=user_id, quiz__course_id=course_id, state=AttemptState.OPEN)
    return list(attempts.order_by("id").values_list("id", flat=True))
