"""The jobs of enrollments."""

from datetime import datetime, timedelta
from uuid import UUID

from apps.enrollments import actions
from learninghub import clock
from learninghub.jobs import job, scheduled


@job("enrollments.recount")
def recount(course_id: UUID) -> None:
    while actions.recount_batch(course_id=course_id, now=clock.now()):
        pass


@scheduled("enrollments.release_lapsed", every=timedelta(seconds=30))
def release_lapsed(now: datetime) -> None:
    actions.release_lapsed(now=now)
