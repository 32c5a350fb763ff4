"""Routes under /api/v1/."""

from django.urls import path

from apps.content import views

urlpatterns = [
    path("content/lessons/<uuid:lesson_id>/", views.LessonDetail.as_view()),
    path("content/lessons/<uuid:lesson_id>/versions/", views.LessonVersions.as_view()),
    path("content/lessons/<uuid:lesson_id>/resources/", views.LessonDownloads.as_view()),
    path("content/lessons/<uuid:lesson_id>/resources/<uuid:resource_id>/", views.LessonDownload.as_view()),
    path("content/imports/", views.ImportList.as_view()),
    path("content/imports/<uuid:import_id>/", views.ImportDetail.as_view()),
]
