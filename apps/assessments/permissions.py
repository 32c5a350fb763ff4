"""Who may write quizzes, take them, and see other people's grades."""

from typing import Any

from apps.assessments.queries import quizzes as queries
from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.users.types import Role
from learninghub.http.identity import Caller
from learninghub.http.permissions import Rule, has_role

IsInstructor = has_role(Role.INSTRUCTOR)


class TeachesQuiz(Rule):
    """The instructors of the quiz's course."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return queries.teaches_quiz(user_id=caller.id, quiz_id=path["quiz_id"])


class TeachesQuestion(Rule):
    """The instructors of the question's course."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return queries.teaches_question(user_id=caller.id, question_id=path["question_id"])


class TakesQuiz(Rule):
    """The learners of the quiz's course."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return queries.takes_quiz(user_id=caller.id, quiz_id=path["quiz_id"])


class SeesQuiz(Rule):
    """The learners and instructors of the quiz's course."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return queries.takes_quiz(user_id=caller.id, quiz_id=path["quiz_id"]) or queries.teaches_quiz(
            user_id=caller.id, quiz_id=path["quiz_id"]
        )


class TakesCourse(Rule):
    """The learners of the course."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return enrollments.has_access(user_id=caller.id, course_id=path["course_id"])


class SeesCourse(Rule):
    """The learners and instructors of the course."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return enrollments.has_access(user_id=caller.id, course_id=path["course_id"]) or courses.teaches(
            user_id=caller.id, course_id=path["course_id"]
        )


class GradesCourse(Rule):
    """The instructors of the course, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return Role.STAFF in caller.roles or courses.teaches(user_id=caller.id, course_id=path["course_id"])
