"""Who may write lessons and import courses."""

from typing import Any
from uuid import UUID

from apps.content.queries import lessons
from apps.users.types import Role
from learninghub.http.identity import Caller
from learninghub.http.permissions import PublicInPart, Rule, has_role

IsInstructor = has_role(Role.INSTRUCTOR)


class SeesLesson(PublicInPart):
    """Everyone, for a published preview; for all else learners with access, the course's instructors, and staff."""

    # It depends on the lesson: the query that reads it decides (queries/lessons.py, check_sees).


class TeachesLesson(Rule):
    """The instructors of the lesson's course, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        lesson_id: UUID = path["lesson_id"]
        return Role.STAFF in caller.roles or lessons.teaches_lesson(user_id=caller.id, lesson_id=lesson_id)
