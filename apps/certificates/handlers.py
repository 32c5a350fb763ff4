"""What certificates hears."""

from apps.certificates import actions
from apps.enrollments.events import AccessRevoked, CourseCompleted
from learninghub.clock import now
from learninghub.events import handles

# A learner who leaves of their own accord has still completed the course.
_TAKEN_BACK = frozenset({"refund", "dispute"})


@handles(CourseCompleted)
def issue_a_certificate(event: CourseCompleted) -> None:
    actions.issue(
        enrollment_id=event.enrollment_id,
        user_id=event.user_id,
        course_id=event.course_id,
        completed_at=event.completed_at,
        now=now(),
    )


@handles(AccessRevoked)
def revoke_after_a_refund(event: AccessRevoked) -> None:
    if event.reason in _TAKEN_BACK:
        actions.revoke_for_refund(enrollment_id=event.enrollment_id, now=now())
