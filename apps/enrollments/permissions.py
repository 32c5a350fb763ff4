"""Who may see the learners of a course."""

from typing import Any
from uuid import UUID

from apps.courses import api as courses
from apps.users.types import Role
from learninghub.http.identity import Caller
from learninghub.http.permissions import Rule


class TeachesCourse(Rule):
    """The instructors of the course, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        course_id: UUID = path["course_id"]
        return Role.STAFF in caller.roles or courses.teaches(user_id=caller.id, course_id=course_id)
