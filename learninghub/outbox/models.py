"""The tables behind facts and jobs: written in the caller's transaction, emptied by the relay."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from learninghub.db import uuid7


class AggregateVersion(models.Model):
    """How many facts an aggregate has stated; its row lock keeps their order."""

    aggregate_type = models.CharField(max_length=64)
    aggregate_id = models.CharField(max_length=64)
    version = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["aggregate_type", "aggregate_id"], name="learninghub_aggregateversion_once")
        ]


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    def due(self, now: datetime) -> Self:
        """What may leave now; what stands behind a parked fact of its aggregate waits."""
        blocked = OutboxMessage.objects.filter(
            aggregate_type=OuterRef("aggregate_type"),
            aggregate_id=OuterRef("aggregate_id"),
            parked_at__isnull=False,
            id__lt=OuterRef("id"),
        )
        waiting = self.filter(published_at__isnull=True, parked_at__isnull=True, available_at__lte=now)
        return waiting.exclude(Q(kind=OutboxMessage.Kind.FACT) & Exists(blocked))


class OutboxMessage(models.Model):
    """A fact stated or a job asked for, until the relay has handed it on (rules R1 to R8)."""

    class Kind(models.TextChoices):
        FACT = "fact"
        JOB = "job"

    id = models.BigAutoField(primary_key=True)
    message_id = models.UUIDField(default=uuid7, unique=True)
    kind = models.CharField(max_length=4, choices=Kind)
    name = models.CharField(max_length=128)
    aggregate_type = models.CharField(max_length=64)
    aggregate_id = models.CharField(max_length=64)
    aggregate_version = models.PositiveIntegerField()
    partition = models.PositiveSmallIntegerField()
    payload = models.JSONField()
    headers = models.JSONField()
    occurred_at = models.DateTimeField(db_default=Now())
    available_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(default="")
    published_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["aggregate_type", "aggregate_id", "aggregate_version"],
                name="learninghub_outbox_version_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["partition", "id"],
                name="learninghub_outbox_waiting",
                condition=Q(published_at__isnull=True),
            ),
            models.Index(
                fields=["aggregate_type", "aggregate_id"],
                name="learninghub_outbox_parked",
                condition=Q(parked_at__isnull=False),
            ),
            models.Index(
                fields=["published_at"],
                name="learninghub_outbox_published",
                condition=Q(published_at__isnull=False),
            ),
        ]


class InboxEntry(models.Model):
    """One handler has done its work for one fact; the row commits with that work (rule R9)."""

    message_id = models.UUIDField()
    handler = models.CharField(max_length=128)
    done_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message_id", "handler"], name="learninghub_inbox_once"),
        ]
        indexes = [models.Index(fields=["done_at"], name="learninghub_inbox_done")]


class QueuedMessage(models.Model):
    """The queues of the one-process shape: one row for each handler or job still to run."""

    id = models.BigAutoField(primary_key=True)
    message_id = models.UUIDField()
    kind = models.CharField(max_length=4, choices=OutboxMessage.Kind)
    name = models.CharField(max_length=128)
    target = models.CharField(max_length=128)
    queue = models.CharField(max_length=32)
    payload = models.JSONField()
    headers = models.JSONField()
    available_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message_id", "target"], name="learninghub_queue_once"),
        ]
        indexes = [
            models.Index(
                fields=["available_at", "id"],
                name="learninghub_queue_due",
                condition=Q(dead_at__isnull=True),
            ),
        ]


class ScheduledRun(models.Model):
    """When a scheduled job is due next; whoever moves the time on enqueues it."""

    name = models.CharField(max_length=128, primary_key=True)
    due_at = models.DateTimeField()
