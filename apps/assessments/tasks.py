"""The jobs of assessments."""

from datetime import datetime, timedelta
from uuid import UUID

from apps.assessments.actions import grading, regrading
from learninghub import clock
from learninghub.jobs import job, scheduled


@job("assessments.regrade")
def regrade(quiz_id: UUID) -> None:
    regrading.regrade_quiz(quiz_id=quiz_id, now=clock.now())


@scheduled("assessments.close_late_attempts", every=timedelta(seconds=30))
def close_late_attempts(now: datetime) -> None:
    grading.close_late_attempts(now=now)
