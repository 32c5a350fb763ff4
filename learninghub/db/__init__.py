"""What every table shares."""

from learninghub.db.days import Figures, per_day
from learninghub.db.keys import uuid7
from learninghub.db.models import BaseModel
from learninghub.db.prepared import prepared_cursor
from learninghub.db.repeating import repeated

__all__ = ["BaseModel", "Figures", "per_day", "prepared_cursor", "repeated", "uuid7"]
