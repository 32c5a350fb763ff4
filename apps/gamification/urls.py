"""Routes under /api/v1/."""

from django.urls import path

from apps.gamification import views

urlpatterns = [
    path("gamification/me/", views.Me.as_view()),
    path("gamification/me/settings/", views.Settings.as_view()),
    path("gamification/leaderboard/", views.Leaderboard.as_view()),
    path("gamification/badges/", views.Badges.as_view()),
    path("gamification/rewards/", views.Rewards.as_view()),
    path("gamification/rewards/<uuid:reward_id>/redeem/", views.RedeemReward.as_view()),
    path("gamification/redemptions/", views.Redemptions.as_view()),
    path("gamification/redemptions/<uuid:redemption_id>/reverse/", views.ReverseRedemption.as_view()),
]
