"""What enrollments states."""

from datetime import datetime
from uuid import UUID

from learninghub.events import event


@event("enrollments.learner_enrolled.v1", key="enrollment_id")
class LearnerEnrolled:
    """A learner has access to a course, for the first time or again."""

    enrollment_id: UUID
    user_id: UUID
    course_id: UUID
    source: str


@event("enrollments.lesson_completed.v1", key="enrollment_id")
class LessonCompleted:
    """A learner completed a lesson, which happens once."""

    enrollment_id: UUID
    user_id: UUID
    course_id: UUID
    lesson_id: UUID


@event("enrollments.course_completed.v1", key="enrollment_id")
class CourseCompleted:
    """A learner completed a course, which happens once."""

    enrollment_id: UUID
    user_id: UUID
    course_id: UUID
    completed_at: datetime


@event("enrollments.access_revoked.v1", key="enrollment_id")
class AccessRevoked:
    """A learner no longer has access to a course: withdrawn by themselves, or taken back."""

    enrollment_id: UUID
    user_id: UUID
    course_id: UUID
    reason: str
