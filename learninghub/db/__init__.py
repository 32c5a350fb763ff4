"""What every table shares."""

from learninghub.db.models import BaseModel
from learninghub.db.uuid7 import uuid7

__all__ = ["BaseModel", "uuid7"]
