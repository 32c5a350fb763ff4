"""Quizzes and questions as their authors make them."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.assessments.actions import decisions, questions, quizzes
from apps.assessments.errors import LearnerNotFound, LessonHasQuiz, OrderMismatch, OwnGrade, PictureNotUsable
from apps.assessments.models import Quiz
from apps.assessments.permissions import MakesQuizzes, SeesCourse, SeesQuiz, TeachesQuestion, TeachesQuiz
from apps.assessments.queries import quizzes as reading
from apps.assessments.serializers import (
    ExtraTimeIn,
    ExtraTimeOut,
    QuestionIn,
    QuestionOrderIn,
    QuestionOut,
    QuizIn,
    QuizOut,
    SettingsIn,
    question_spec,
)
from apps.courses.errors import LessonNotFound
from apps.users.types import Role
from learninghub.clock import now
from learninghub.http.conditional import etag
from learninghub.http.openapi import operation
from learninghub.http.views import View


class QuizList(View):
    rules = {"POST": MakesQuizzes}

    @operation(
        summary="Attach a quiz to a lesson",
        request=QuizIn,
        response=QuizOut,
        status=201,
        errors=[LessonNotFound, LessonHasQuiz],
    )
    def post(self, request: Request) -> Response:
        is_staff = Role.STAFF in self.caller.roles
        quiz = quizzes.create_quiz(by=self.caller.id, is_staff=is_staff, **self.body(QuizIn))
        return _answer(quiz, status=201)


class CourseQuizzes(View):
    rules = {"GET": SeesCourse}

    @operation(summary="The quizzes of a course", response=QuizOut, page=True)
    def get(self, request: Request, course_id: UUID) -> Response:
        return self.paged(reading.list_of_course(course_id=course_id, page=self.page_request()), QuizOut)


class QuizDetail(View):
    rules = {"GET": SeesQuiz, "PATCH": TeachesQuiz, "DELETE": TeachesQuiz}

    @operation(summary="A quiz and its settings", response=QuizOut)
    def get(self, request: Request, quiz_id: UUID) -> Response:
        return _answer(reading.get_quiz(quiz_id=quiz_id))

    @operation(summary="Change a quiz's settings", request=SettingsIn, response=QuizOut, edits=True)
    def patch(self, request: Request, quiz_id: UUID) -> Response:
        quiz = quizzes.change_quiz(
            quiz_id=quiz_id, changes=self.changes(SettingsIn), expected_version=self.expected_version(), now=now()
        )
        return _answer(quiz)

    @operation(summary="Remove a quiz", status=204, edits=True)
    def delete(self, request: Request, quiz_id: UUID) -> Response:
        quizzes.remove_quiz(quiz_id=quiz_id, expected_version=self.expected_version(), now=now())
        return Response(status=204)


class QuestionList(View):
    rules = {"GET": TeachesQuiz, "POST": TeachesQuiz}

    @operation(summary="A quiz's questions, with their right answers", response=QuestionOut, page=True)
    def get(self, request: Request, quiz_id: UUID) -> Response:
        return self.paged(reading.list_questions(quiz_id=quiz_id, page=self.page_request()), QuestionOut)

    @operation(
        summary="Add a question",
        request=QuestionIn,
        response=QuestionOut,
        status=201,
        edits=True,
        errors=[PictureNotUsable],
    )
    def post(self, request: Request, quiz_id: UUID) -> Response:
        question = questions.add_question(
            quiz_id=quiz_id,
            spec=question_spec(self.body(QuestionIn)),
            expected_version=self.expected_version(),
            now=now(),
        )
        return Response(QuestionOut(question).data, status=201)


class QuestionOrder(View):
    rules = {"POST": TeachesQuiz}

    @operation(
        summary="Put the questions in order", request=QuestionOrderIn, status=204, edits=True, errors=[OrderMismatch]
    )
    def post(self, request: Request, quiz_id: UUID) -> Response:
        questions.reorder_questions(
            quiz_id=quiz_id, expected_version=self.expected_version(), now=now(), **self.body(QuestionOrderIn)
        )
        return Response(status=204)


class QuestionDetail(View):
    rules = {"GET": TeachesQuestion, "PATCH": TeachesQuestion, "DELETE": TeachesQuestion}

    @operation(summary="A question, with its right answers", response=QuestionOut)
    def get(self, request: Request, question_id: UUID) -> Response:
        return Response(QuestionOut(reading.get_question(question_id=question_id)).data)

    @operation(
        summary="Change a question",
        request=QuestionIn,
        response=QuestionOut,
        edits=True,
        errors=[PictureNotUsable],
    )
    def patch(self, request: Request, question_id: UUID) -> Response:
        question = questions.change_question(
            question_id=question_id,
            changes=self.changes(QuestionIn),
            expected_version=self.expected_version(),
            now=now(),
        )
        return Response(QuestionOut(question).data)

    @operation(summary="Remove a question", status=204, edits=True)
    def delete(self, request: Request, question_id: UUID) -> Response:
        questions.remove_question(question_id=question_id, expected_version=self.expected_version(), now=now())
        return Response(status=204)


class ExtraTimeList(View):
    rules = {"GET": TeachesQuiz}

    @operation(summary="Who has extra time for a quiz", response=ExtraTimeOut, page=True)
    def get(self, request: Request, quiz_id: UUID) -> Response:
        return self.paged(reading.list_extra_time(quiz_id=quiz_id, page=self.page_request()), ExtraTimeOut)


class LearnerExtraTime(View):
    rules = {"PUT": TeachesQuiz}

    @operation(
        summary="Give a learner extra time",
        request=ExtraTimeIn,
        response=ExtraTimeOut,
        errors=[LearnerNotFound, OwnGrade],
    )
    def put(self, request: Request, quiz_id: UUID, user_id: UUID) -> Response:
        given = self.body(ExtraTimeIn)
        decisions.give_extra_time(quiz_id=quiz_id, user_id=user_id, by=self.caller.id, now=now(), **given)
        return Response(ExtraTimeOut({"user_id": user_id, **given}).data)


def _answer(quiz: Quiz, *, status: int = 200) -> Response:
    return Response(QuizOut(quiz).data, status=status, headers={"ETag": etag(quiz.version)})
