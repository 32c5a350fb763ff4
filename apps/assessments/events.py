"""What assessments states."""

from decimal import Decimal
from uuid import UUID

from learninghub.events import event


@event("assessments.attempt_graded.v1", key="attempt_id")
class AttemptGraded:
    """An attempt was closed and graded, which happens once; the score is a percentage, 0 to 100."""

    attempt_id: UUID
    quiz_id: UUID
    user_id: UUID
    course_id: UUID
    lesson_id: UUID
    passed: bool
    score: Decimal
