"""Scheduled work of auth."""

from datetime import datetime, timedelta

from apps.auth import actions
from learninghub.jobs import scheduled


@scheduled("auth.tidy", every=timedelta(hours=1))
def tidy(now: datetime) -> None:
    actions.tidy(now=now)
