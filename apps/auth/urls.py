"""Routes under /api/v1/, the published keys, and what is for the gateway alone."""

from django.urls import path

from apps.auth import views
from apps.auth.types import KEYS_PATH, SESSIONS_PATH

urlpatterns = [
    path("auth/register/", views.Register.as_view()),
    path("auth/token/", views.LogIn.as_view()),
    path("auth/token/refresh/", views.Refresh.as_view()),
    path("auth/logout/", views.LogOut.as_view()),
    path("auth/sessions/", views.SessionList.as_view()),
    path("auth/sessions/<uuid:session_id>/", views.SessionDetail.as_view()),
]

pages = [
    path(KEYS_PATH[1:], views.Keys.as_view()),
    path(SESSIONS_PATH[1:], views.SessionChanges.as_view()),
]
