"""The answers kept for a second asking."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class StoredAnswer(models.Model):
    """What a caller was answered under a key; it commits with the write it answers.

    A write that calls a third party has no status until it is done; until then its key is claimed for a while.
    """

    caller_id = models.UUIDField()
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    claimed_until = models.DateTimeField(null=True)
    headers = models.JSONField()
    body = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller_id", "key"], name="learninghub_storedanswer_once"),
            models.CheckConstraint(
                condition=Q(status__isnull=True) ^ Q(claimed_until__isnull=True),
                name="learninghub_storedanswer_claimed_or_answered",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="learninghub_storedanswer_age")]
