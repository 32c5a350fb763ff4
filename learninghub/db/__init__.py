"""What every table shares."""

from learninghub.db.keys import uuid7
from learninghub.db.models import BaseModel

__all__ = ["BaseModel", "uuid7"]
