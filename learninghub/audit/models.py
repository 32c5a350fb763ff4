"""The audit log's one table."""

from django.db import models


class AuditEntry(models.Model):
    """What one person did to one thing, and why."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.UUIDField()
    action = models.CharField(max_length=64)
    subject_id = models.UUIDField()
    reason = models.TextField()
    details = models.JSONField()
    seal = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes = [models.Index(fields=["subject_id", "id"], name="learninghub_audit_subject")]
