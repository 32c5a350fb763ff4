"""Who may write quizzes, take them, and see other people's grades."""

from typing import Any

from apps.assessments.queries import quizzes as queries
from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.users.types import Role
from learninghub.http.identity import Caller
from learninghub.http.permissions import Rule


class MakesQuizzes(Rule):
    """Instructors, and staff; the lesson must be of a course they teach."""

    def allows(self, caller: Caller, **path: Any) -> bool:
        return not caller.roles.isdisjoint({Role.INSTRUCTOR, Role.STAFF})


class TeachesQuiz(Rule):
    """The instructors of the quiz's course, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return Role.STAFF in caller.roles or queries.teaches_quiz(user_id=caller.id, quiz_id=path["quiz_id"])


class TeachesQuestion(Rule):
    """The instructors of the question's course, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return Role.STAFF in caller.roles or queries.teaches_question(
            user_id=caller.id, question_id=path["question_id"]
        )


class TakesQuiz(Rule):
    """The learners of the quiz's course."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return queries.takes_quiz(user_id=caller.id, quiz_id=path["quiz_id"])


class SeesQuiz(TeachesQuiz):
    """The learners and instructors of the quiz's course, and staff."""

    def allows(self, caller: Caller, **path: Any) -> bool:
        return queries.takes_quiz(user_id=caller.id, quiz_id=path["quiz_id"]) or super().allows(caller, **path)


class TakesCourse(Rule):
    """The learners of the course."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return enrollments.has_access(user_id=caller.id, course_id=path["course_id"])


class GradesCourse(Rule):
    """The instructors of the course, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return Role.STAFF in caller.roles or courses.teaches(user_id=caller.id, course_id=path["course_id"])


class SeesCourse(GradesCourse):
    """The learners and instructors of the course, and staff."""

    def allows(self, caller: Caller, **path: Any) -> bool:
        return enrollments.has_access(user_id=caller.id, course_id=path["course_id"]) or super().allows(caller, **path)
