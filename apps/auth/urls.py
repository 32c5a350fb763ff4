"""Routes under /api/v1/, and the published keys."""

from django.urls import path

from apps.auth import views

urlpatterns = [
    path("auth/register/", views.Register.as_view()),
    path("auth/token/", views.LogIn.as_view()),
    path("auth/token/refresh/", views.Refresh.as_view()),
    path("auth/logout/", views.LogOut.as_view()),
    path("auth/sessions/", views.SessionList.as_view()),
    path("auth/sessions/<uuid:session_id>/", views.SessionDetail.as_view()),
]

pages = [path(".well-known/jwks.json", views.Keys.as_view())]
