"""The jobs of enrollments."""

from uuid import UUID

from apps.enrollments import actions
from learninghub.clock import now
from learninghub.jobs import job


@job("enrollments.recount")
def recount(course_id: UUID) -> None:
    while actions.recount_batch(course_id=course_id, now=now()):
        pass
