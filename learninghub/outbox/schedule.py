"""The schedule: asks for every scheduled job when its time has come."""

from datetime import datetime

from django.db import transaction

from learninghub import jobs, metrics
from learninghub.outbox.crash import crashpoint
from learninghub.outbox.models import ScheduledRun

EVERY_SECONDS = 15.0


def schedule_once(*, now: datetime) -> int:
    """Enqueues the scheduled jobs that are due; returns how many.

    Moving the due time on and asking for the job are one transaction, so any number of schedules may run side by side.
    """
    return sum(_ask(entry, now) for entry in jobs.all_scheduled())


def _ask(entry: jobs.Job, now: datetime) -> bool:
    if entry.every is None:
        return False
    with transaction.atomic():
        _, is_new = ScheduledRun.objects.get_or_create(name=entry.name, defaults={"due_at": now + entry.every})
        due = ScheduledRun.objects.filter(name=entry.name, due_at__lte=now).update(due_at=now + entry.every)
        if due or is_new:
            jobs.enqueue(entry.name, now)
            metrics.SCHEDULED.labels(entry.name).inc()
            crashpoint("schedule.before_commit")
    if due or is_new:
        crashpoint("schedule.after_commit")
    return bool(due or is_new)
