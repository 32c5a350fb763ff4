"""Who may write about a course: its instructors, its author, staff."""

from typing import Any

from apps.courses.queries import courses as queries
from apps.users.types import Role
from learninghub.http.identity import Caller
from learninghub.http.permissions import Rule, has_role

IsInstructor = has_role(Role.INSTRUCTOR)


def sees_drafts(caller: Caller | None) -> bool:
    """Whether the caller sees every draft, as staff do."""
    return caller is not None and Role.STAFF in caller.roles


class TeachesCourse(Rule):
    """The instructors of the course, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return sees_drafts(caller) or queries.teaches(user_id=caller.id, course_id=path["course_id"])


class TeachesModule(Rule):
    """The instructors of the module's course, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return sees_drafts(caller) or queries.teaches_module(user_id=caller.id, module_id=path["module_id"])


class TeachesLesson(Rule):
    """The instructors of the lesson's course, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return sees_drafts(caller) or queries.teaches_lesson(user_id=caller.id, lesson_id=path["lesson_id"])


class OwnsCourse(Rule):
    """The author of the course, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return sees_drafts(caller) or queries.is_author(user_id=caller.id, course_id=path["course_id"])
