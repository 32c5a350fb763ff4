"""The claims of the last minutes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class LimitedUse(models.Model):
    """When something limited was claimed of late; the key is a digest, so no address is kept here."""

    key = models.CharField(max_length=64, primary_key=True)
    claims = ArrayField(models.DateTimeField())
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="learninghub_limiteduse_expired")]

    def __str__(self) -> str:
        return self.key
