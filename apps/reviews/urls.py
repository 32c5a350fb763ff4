"""Routes under /api/v1/."""

from django.urls import path

from apps.reviews import views

urlpatterns = [
    path("reviews/", views.ReviewList.as_view()),
    path("reviews/summary/", views.Summary.as_view()),
    path("reviews/mine/", views.OwnReviews.as_view()),
    path("reviews/reports/", views.Reports.as_view()),
    path("reviews/<uuid:review_id>/", views.ReviewDetail.as_view()),
    path("reviews/<uuid:review_id>/history/", views.History.as_view()),
    path("reviews/<uuid:review_id>/reply/", views.Reply.as_view()),
    path("reviews/<uuid:review_id>/report/", views.Report.as_view()),
    path("reviews/<uuid:review_id>/moderate/", views.Moderation.as_view()),
    path("reviews/courses/<uuid:course_id>/feedback/", views.FeedbackList.as_view()),
]
