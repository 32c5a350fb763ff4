"""Routes under /api/v1/."""

from django.urls import path

from apps.enrollments import views

urlpatterns = [
    path("enrollments/", views.EnrollmentList.as_view()),
    path("enrollments/recommendations/", views.Recommendations.as_view()),
    path("enrollments/<uuid:enrollment_id>/", views.EnrollmentDetail.as_view()),
    path("enrollments/<uuid:enrollment_id>/withdraw/", views.Withdrawal.as_view()),
    path("enrollments/<uuid:enrollment_id>/progress/", views.CourseProgress.as_view()),
    path("enrollments/<uuid:enrollment_id>/lessons/<uuid:lesson_id>/", views.LessonProgressItem.as_view()),
    path("enrollments/courses/<uuid:course_id>/roster/", views.Roster.as_view()),
    path("enrollments/courses/<uuid:course_id>/figures/", views.Figures.as_view()),
]
