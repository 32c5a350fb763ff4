"""Jobs of users."""

from datetime import datetime, timedelta

from apps.users import actions
from learninghub import clock
from learninghub.jobs import job, scheduled


@job("users.request_reset")
def request_reset(email: str) -> None:
    actions.request_reset(email=email, now=clock.now())


@scheduled("users.tidy", every=timedelta(hours=1))
def tidy(now: datetime) -> None:
    actions.tidy(now=now)
