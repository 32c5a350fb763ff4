"""Routes under /api/v1/, and the pages that mailed links lead to."""

from django.urls import path

from apps.users import views

urlpatterns = [
    path("users/me/", views.Me.as_view()),
    path("users/me/preferences/", views.Preferences.as_view()),
    path("users/me/password/", views.ChangePassword.as_view()),
    path("users/me/email/", views.ChangeEmail.as_view()),
    path("users/me/teaching/", views.StartTeaching.as_view()),
    path("users/verify-email/", views.VerifyEmail.as_view()),
    path("users/verify-email/resend/", views.ResendVerification.as_view()),
    path("users/password-reset/", views.PasswordReset.as_view()),
    path("users/password-reset/confirm/", views.PasswordResetConfirm.as_view()),
    path("users/<uuid:user_id>/", views.Profile.as_view()),
]
