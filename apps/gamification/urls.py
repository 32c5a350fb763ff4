"""Routes under /api/v1/."""

from django.urls import path

from apps.gamification import views

urlpatterns = [
    path("gamification/me/", views.Me.as_view()),
    path("gamification/me/settings/", views.Settings.as_view()),
    path("gamification/leaderboard/", views.Leaderboard.as_view()),
    path("gamification/badges/", views.Badges.as_view()),
]
