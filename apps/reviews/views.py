"""The routes of reviews."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.reviews import actions, queries
from apps.reviews.errors import (
    AlreadyReported,
    AlreadyReviewed,
    NotLearning,
    OwnReview,
    ReviewNotFound,
    TeachesTheCourse,
    TooEarly,
)
from apps.reviews.permissions import IsStaff, ReadsFeedback, SeesHistory, TeachesReviewed, WroteReview
from apps.reviews.queries import SCOPE
from apps.reviews.serializers import (
    CourseQuery,
    FeedbackOut,
    ModerationIn,
    OwnReviewOut,
    ReportedReviewOut,
    ReportIn,
    ReviewChangeOut,
    ReviewChangesIn,
    ReviewIn,
    ReviewOut,
    ReviewQuery,
    SentOut,
    SummaryOut,
    TextIn,
)
from apps.reviews.types import Decision
from learninghub.clock import now
from learninghub.http.openapi import operation
from learninghub.http.permissions import Public, SignedIn
from learninghub.http.views import View

_NO_JUDGE = [TeachesTheCourse, NotLearning, TooEarly]
_POSTED = {
    "id": "019aab4e-5a50-7c11-9d2f-6f1f0a3c5e21",
    "course_id": "019aab4e-1f00-7b3e-8a44-0c9b7d1e2f30",
    "author_id": "019aab4d-77aa-7d02-b1c5-3e5f7a9b1c2d",
    "author_name": "Lin Zhao",
    "rating": 4,
    "text": "Clear from the first lesson, and the exercises make it stick.",
    "posted_at": "2026-11-22T18:00:00Z",
    "edited_at": None,
    "reply": "",
    "replied_at": None,
    "state": "shown",
    "hidden_for": "",
}


class ReviewList(View):
    rules = {"GET": Public, "POST": SignedIn}
    public_cache = SCOPE

    @operation(summary="What learners say of a course", query=ReviewQuery, response=ReviewOut, page=True)
    def get(self, request: Request) -> Response:
        page = queries.list_of_course(page=self.page_request(), **self.query(ReviewQuery))
        return self.paged(page, ReviewOut)

    @operation(
        summary="Review a course",
        request=ReviewIn,
        response=OwnReviewOut,
        status=201,
        errors=[*_NO_JUDGE, AlreadyReviewed],
        example=_POSTED,
    )
    def post(self, request: Request) -> Response:
        review_id = actions.post_review(by=self.caller.id, now=now(), **self.body(ReviewIn))
        return Response(OwnReviewOut(queries.get_review(review_id=review_id)).data, status=201)


class Summary(View):
    rules = {"GET": Public}
    public_cache = SCOPE

    @operation(
        summary="How a course is rated",
        query=CourseQuery,
        response=SummaryOut,
        example={"course_id": _POSTED["course_id"], "count": 8, "average": 4.38, "histogram": [0, 0, 1, 3, 4]},
    )
    def get(self, request: Request) -> Response:
        return Response(SummaryOut(queries.get_summary(**self.query(CourseQuery))).data)


class OwnReviews(View):
    rules = {"GET": SignedIn}

    @operation(summary="My reviews, hidden and withdrawn ones too", response=OwnReviewOut, page=True)
    def get(self, request: Request) -> Response:
        return self.paged(queries.list_of_author(user_id=self.caller.id, page=self.page_request()), OwnReviewOut)


class ReviewDetail(View):
    rules = {"PATCH": WroteReview, "DELETE": WroteReview}

    @operation(
        summary="Change my review, or bring it back",
        request=ReviewChangesIn,
        response=OwnReviewOut,
        errors=[*_NO_JUDGE, ReviewNotFound],
        example=_POSTED,
    )
    def patch(self, request: Request, review_id: UUID) -> Response:
        actions.edit_review(review_id=review_id, by=self.caller.id, now=now(), **self.changes(ReviewChangesIn))
        return Response(OwnReviewOut(queries.get_review(review_id=review_id)).data)

    @operation(summary="Withdraw my review", status=204, errors=[ReviewNotFound])
    def delete(self, request: Request, review_id: UUID) -> Response:
        actions.withdraw_review(review_id=review_id, now=now())
        return Response(status=204)


class History(View):
    rules = {"GET": SeesHistory}

    @operation(summary="What happened to a review", response=ReviewChangeOut, page=True)
    def get(self, request: Request, review_id: UUID) -> Response:
        return self.paged(queries.list_changes(review_id=review_id, page=self.page_request()), ReviewChangeOut)


class Reply(View):
    rules = {"POST": TeachesReviewed}

    @operation(summary="Answer a review", request=TextIn, response=ReviewOut, errors=[ReviewNotFound])
    def post(self, request: Request, review_id: UUID) -> Response:
        actions.reply(review_id=review_id, by=self.caller.id, now=now(), **self.body(TextIn))
        return Response(ReviewOut(queries.get_review(review_id=review_id)).data)


class Report(View):
    rules = {"POST": SignedIn}

    @operation(
        summary="Ask staff to look at a review",
        request=ReportIn,
        status=204,
        errors=[ReviewNotFound, OwnReview, AlreadyReported],
    )
    def post(self, request: Request, review_id: UUID) -> Response:
        actions.report_review(review_id=review_id, by=self.caller.id, now=now(), **self.body(ReportIn))
        return Response(status=204)


class Reports(View):
    rules = {"GET": IsStaff}

    @operation(summary="Reviews that staff are asked to look at", response=ReportedReviewOut, page=True)
    def get(self, request: Request) -> Response:
        return self.paged(queries.list_reported(page=self.page_request()), ReportedReviewOut)


class Moderation(View):
    rules = {"POST": IsStaff}

    @operation(
        summary="Hide a review, or show it", request=ModerationIn, response=OwnReviewOut, errors=[ReviewNotFound]
    )
    def post(self, request: Request, review_id: UUID) -> Response:
        asked = self.body(ModerationIn)
        about = {"review_id": review_id, "note": asked["note"], "by": self.caller.id, "now": now()}
        if asked["decision"] == Decision.HIDE:
            actions.hide_review(reason=asked["reason"], **about)
        else:
            actions.restore_review(**about)
        return Response(OwnReviewOut(queries.get_review(review_id=review_id)).data)


class FeedbackList(View):
    rules = {"GET": ReadsFeedback, "POST": SignedIn}

    @operation(summary="What learners told the instructors alone", response=FeedbackOut, page=True)
    def get(self, request: Request, course_id: UUID) -> Response:
        return self.paged(queries.list_feedback(course_id=course_id, page=self.page_request()), FeedbackOut)

    @operation(summary="Tell the instructors alone", request=TextIn, response=SentOut, status=201, errors=[*_NO_JUDGE])
    def post(self, request: Request, course_id: UUID) -> Response:
        sent = actions.give_feedback(course_id=course_id, by=self.caller.id, now=now(), **self.body(TextIn))
        return Response({"id": sent}, status=201)
