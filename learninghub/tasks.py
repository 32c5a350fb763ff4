"""The kernel's housekeeping."""

from datetime import datetime, timedelta

from learninghub.http.idempotency.once import forget_answers
from learninghub.jobs import scheduled
from learninghub.limits import forget_claims
from learninghub.outbox.housekeeping import forget_published
from learninghub.storage.sweeping import sweep


@scheduled("learninghub.forget_published", every=timedelta(hours=1))
def forget_old_messages(now: datetime) -> None:
    forget_published(now=now)


@scheduled("learninghub.sweep_files", every=timedelta(hours=24))
def sweep_files(now: datetime) -> None:
    sweep(now=now)


@scheduled("learninghub.forget_answers", every=timedelta(hours=1))
def forget_old_answers(now: datetime) -> None:
    forget_answers(now=now)


@scheduled("learninghub.forget_claims", every=timedelta(hours=1))
def forget_old_claims(now: datetime) -> None:
    forget_claims(now=now)
