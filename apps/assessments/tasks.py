"""The jobs of assessments."""

from datetime import datetime, timedelta

from apps.assessments.actions import grading
from learninghub.jobs import scheduled


@scheduled("assessments.close_late_attempts", every=timedelta(seconds=30))
def close_late_attempts(now: datetime) -> None:
    grading.close_late_attempts(now=now)
