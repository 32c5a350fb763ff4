"""Grades: the instructor's gradebook and the learner's own."""

from uuid import UUID

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from apps.assessments.actions import decisions
from apps.assessments.errors import LearnerNotFound, NotOverridden, OwnGrade, QuizNotFound
from apps.assessments.permissions import GradesCourse, TakesCourse
from apps.assessments.queries import gradebook
from apps.assessments.serializers import LearnerGradesOut, OverrideIn, QuizGradeOut
from learninghub.clock import now
from learninghub.http import csv_file
from learninghub.http.openapi import operation
from learninghub.http.views import View


class Gradebook(View):
    rules = {"GET": GradesCourse}

    @operation(summary="The gradebook, a page of learners at a time", response=LearnerGradesOut, page=True)
    def get(self, request: Request, course_id: UUID) -> Response:
        return self.paged(gradebook.list_learners(course_id=course_id, page=self.page_request()), LearnerGradesOut)


class GradebookFile(View):
    rules = {"GET": GradesCourse}

    @operation(summary="The whole gradebook as CSV", response=str, media_type=csv_file.CONTENT_TYPE)
    def get(self, request: Request, course_id: UUID) -> HttpResponseBase:
        table = gradebook.get_table(course_id=course_id)
        return csv_file.download(name=f"gradebook-{course_id}", header=table.header, rows=table.rows)


class GradeDetail(View):
    rules = {"PUT": GradesCourse, "DELETE": GradesCourse}

    @operation(
        summary="Override a grade, with a reason",
        request=OverrideIn,
        response=QuizGradeOut,
        errors=[QuizNotFound, LearnerNotFound, OwnGrade],
    )
    def put(self, request: Request, course_id: UUID, user_id: UUID, quiz_id: UUID) -> Response:
        decisions.override_grade(
            course_id=course_id,
            quiz_id=quiz_id,
            user_id=user_id,
            by=self.caller.id,
            now=now(),
            **self.body(OverrideIn),
        )
        return Response(QuizGradeOut(gradebook.get_grade(quiz_id=quiz_id, user_id=user_id)).data)

    @operation(
        summary="Withdraw an override",
        response=QuizGradeOut,
        errors=[QuizNotFound, LearnerNotFound, OwnGrade, NotOverridden],
    )
    def delete(self, request: Request, course_id: UUID, user_id: UUID, quiz_id: UUID) -> Response:
        decisions.withdraw_override(course_id=course_id, quiz_id=quiz_id, user_id=user_id, by=self.caller.id, now=now())
        return Response(QuizGradeOut(gradebook.get_grade(quiz_id=quiz_id, user_id=user_id)).data)


class OwnGrades(View):
    rules = {"GET": TakesCourse}

    @operation(summary="My grades in a course", response=QuizGradeOut, page=True)
    def get(self, request: Request, course_id: UUID) -> Response:
        page = gradebook.list_own(course_id=course_id, user_id=self.caller.id, page=self.page_request())
        return self.paged(page, QuizGradeOut)
