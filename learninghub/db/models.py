"""The base of the domain's tables."""

from django.db import models
from django.db.models.functions import Now

from learninghub.db.keys import uuid7


class BaseModel(models.Model):
    """A row with a key that sorts by age, and the times of its making and last change.

    The database says when it was made, unless the action does, which was told the time: of what is counted by day.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
