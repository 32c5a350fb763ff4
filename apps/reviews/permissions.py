"""Who may do what with a review."""

from typing import Any

from apps.courses import api as courses
from apps.reviews import queries
from apps.users.types import Role
from learninghub.http.identity import Caller
from learninghub.http.permissions import Rule, has_role

IsStaff = has_role(Role.STAFF)


class WroteReview(Rule):
    """The author of the review."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return queries.is_author(user_id=caller.id, review_id=path["review_id"])


class SeesHistory(WroteReview):
    """The author of the review, and staff."""

    def allows(self, caller: Caller, **path: Any) -> bool:
        return Role.STAFF in caller.roles or super().allows(caller, **path)


class TeachesReviewed(Rule):
    """The instructors of the course that the review is of."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return queries.teaches_reviewed(user_id=caller.id, review_id=path["review_id"])


class ReadsFeedback(Rule):
    """The instructors of the course, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return Role.STAFF in caller.roles or courses.teaches(user_id=caller.id, course_id=path["course_id"])
