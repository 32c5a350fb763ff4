"""Taking a quiz: start, save, hand in, look at what came of it."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.assessments.actions import attempts, grading
from apps.assessments.errors import AttemptClosed, DeadlinePassed, NoAttemptsLeft, QuizIsEmpty
from apps.assessments.permissions import TakesQuiz
from apps.assessments.queries import attempts as reading
from apps.assessments.queries import sheets
from apps.assessments.serializers import AnswersIn, AttemptCardOut, AttemptOut, SavedOut, responses
from learninghub.clock import now
from learninghub.http.openapi import operation
from learninghub.http.permissions import SignedIn
from learninghub.http.views import View


class AttemptList(View):
    rules = {"GET": SignedIn, "POST": TakesQuiz}

    @operation(summary="My attempts at a quiz", response=AttemptCardOut, page=True)
    def get(self, request: Request, quiz_id: UUID) -> Response:
        page = reading.list_own(quiz_id=quiz_id, user_id=self.caller.id, page=self.page_request())
        return self.paged(page, AttemptCardOut)

    @operation(
        response=AttemptOut,
        status=201,
        or_status=200,
        errors=[QuizIsEmpty, NoAttemptsLeft],
        summary="Begin an attempt (201), or go on with the open one (200)",
    )
    def post(self, request: Request, quiz_id: UUID) -> Response:
        started = attempts.start_attempt(quiz_id=quiz_id, user_id=self.caller.id)
        sheet = sheets.get_sheet(attempt_id=started.attempt_id, reader_id=self.caller.id, now=now())
        return Response(sheet, status=201 if started.is_new else 200)


class AttemptDetail(View):
    rules = {"GET": SignedIn, "PATCH": SignedIn}

    @operation(summary="An attempt, with its marks once it is submitted", response=AttemptOut)
    def get(self, request: Request, attempt_id: UUID) -> Response:
        sheet = sheets.get_sheet(attempt_id=attempt_id, reader_id=self.caller.id, now=now())
        return Response(sheet)

    @operation(
        summary="Save answers as they are given",
        request=AnswersIn,
        response=SavedOut,
        errors=[AttemptClosed, DeadlinePassed],
    )
    def patch(self, request: Request, attempt_id: UUID) -> Response:
        attempt = attempts.save_answers(
            attempt_id=attempt_id, user_id=self.caller.id, answers=responses(self.body(AnswersIn))
        )
        return Response(SavedOut(attempt).data)


class Submission(View):
    rules = {"POST": SignedIn}

    @operation(summary="Submit an attempt and have it graded", response=AttemptOut)
    def post(self, request: Request, attempt_id: UUID) -> Response:
        at = now()
        closed = grading.submit_attempt(attempt_id=attempt_id, user_id=self.caller.id, now=at)
        return Response(sheets.sheet_of(attempt=closed.attempt, asked=closed.asked, now=at))
