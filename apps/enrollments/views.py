"""The routes of enrollments."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.courses.errors import CourseNotFound
from apps.enrollments import actions, queries
from apps.enrollments.errors import (
    AccessTakenBack,
    AlreadyCompleted,
    AlreadyEnrolled,
    CourseNotOpen,
    CourseNotPaid,
    EnrollmentEnded,
    EnrollmentNotFound,
    LessonNotInCourse,
    QuizNotPassed,
    SeatsExhausted,
)
from apps.enrollments.permissions import TeachesCourse
from apps.enrollments.serializers import (
    CourseFiguresOut,
    EnrollmentDetailOut,
    EnrollmentIn,
    EnrollmentOut,
    EnrollmentQuery,
    LearnerOut,
    LessonWrittenOut,
    ProgressIn,
    ProgressOut,
    RecommendationsOut,
    RosterQuery,
    TakenOut,
)
from apps.enrollments.types import Source
from learninghub.clock import now
from learninghub.http.openapi import operation
from learninghub.http.permissions import SignedIn
from learninghub.http.views import View

RECOMMENDED = 10


class EnrollmentList(View):
    rules = {"GET": SignedIn, "POST": SignedIn}

    @operation(summary="My enrolments", query=EnrollmentQuery, response=TakenOut, page=True)
    def get(self, request: Request) -> Response:
        page = queries.list_for_learner(user_id=self.caller.id, page=self.page_request(), **self.query(EnrollmentQuery))
        return self.paged(page, TakenOut)

    @operation(
        summary="Enrol in a course",
        request=EnrollmentIn,
        response=EnrollmentOut,
        status=201,
        errors=[
            CourseNotFound,
            CourseNotPaid,
            AlreadyEnrolled,
            SeatsExhausted,
            CourseNotOpen,
            AccessTakenBack,
        ],
    )
    def post(self, request: Request) -> Response:
        enrollment = actions.enrol(user_id=self.caller.id, source=Source.FREE, now=now(), **self.body(EnrollmentIn))
        return Response(EnrollmentOut(enrollment).data, status=201)


class EnrollmentDetail(View):
    rules = {"GET": SignedIn}

    @operation(summary="One of my enrolments", response=EnrollmentDetailOut, errors=[EnrollmentNotFound])
    def get(self, request: Request, enrollment_id: UUID) -> Response:
        taken = queries.get_for_learner(enrollment_id=enrollment_id, user_id=self.caller.id)
        return Response(EnrollmentDetailOut(taken).data)


class Withdrawal(View):
    rules = {"POST": SignedIn}

    @operation(
        summary="Withdraw from a course",
        response=EnrollmentOut,
        errors=[EnrollmentNotFound, AlreadyCompleted, EnrollmentEnded],
    )
    def post(self, request: Request, enrollment_id: UUID) -> Response:
        enrollment = actions.withdraw(enrollment_id=enrollment_id, by=self.caller.id)
        return Response(EnrollmentOut(enrollment).data)


class LessonProgressItem(View):
    rules = {"PUT": SignedIn}

    @operation(
        summary="Record progress in a lesson, or complete it",
        request=ProgressIn,
        response=LessonWrittenOut,
        errors=[EnrollmentNotFound, LessonNotInCourse, EnrollmentEnded, QuizNotPassed],
    )
    def put(self, request: Request, enrollment_id: UUID, lesson_id: UUID) -> Response:
        written = actions.record_progress(
            enrollment_id=enrollment_id,
            lesson_id=lesson_id,
            by=self.caller.id,
            now=now(),
            **self.body(ProgressIn),
        )
        return Response(LessonWrittenOut(written).data)


class CourseProgress(View):
    rules = {"GET": SignedIn}

    @operation(
        summary="Progress lesson by lesson, and where to resume", response=ProgressOut, errors=[EnrollmentNotFound]
    )
    def get(self, request: Request, enrollment_id: UUID) -> Response:
        progress = queries.get_progress(enrollment_id=enrollment_id, user_id=self.caller.id)
        return Response(ProgressOut(progress).data)


class Recommendations(View):
    rules = {"GET": SignedIn}

    @operation(summary="Courses that others took together with mine", response=RecommendationsOut)
    def get(self, request: Request) -> Response:
        recommended = queries.list_recommended(user_id=self.caller.id, limit=RECOMMENDED)
        return Response(RecommendationsOut({"results": recommended}).data)


class Roster(View):
    rules = {"GET": TeachesCourse}

    @operation(summary="The learners of a course", query=RosterQuery, response=LearnerOut, page=True)
    def get(self, request: Request, course_id: UUID) -> Response:
        asked = self.query(RosterQuery)
        page = queries.list_roster(course_id=course_id, search=asked["q"], sort=asked["sort"], page=self.page_request())
        return self.paged(page, LearnerOut)


class Figures(View):
    rules = {"GET": TeachesCourse}

    @operation(summary="A course's figures for its instructors", response=CourseFiguresOut)
    def get(self, request: Request, course_id: UUID) -> Response:
        return Response(CourseFiguresOut(queries.get_figures(course_id=course_id)).data)
