"""Routes under /api/v1/, and the pages that mailed links lead to."""

from django.urls import path

from apps.users.views import pages as people
from apps.users.views import routes

urlpatterns = [
    path("users/me/", routes.Me.as_view()),
    path("users/me/preferences/", routes.Preferences.as_view()),
    path("users/me/password/", routes.ChangePassword.as_view()),
    path("users/me/email/", routes.ChangeEmail.as_view()),
    path("users/me/teaching/", routes.StartTeaching.as_view()),
    path("users/verify-email/", routes.VerifyEmail.as_view()),
    path("users/verify-email/resend/", routes.ResendVerification.as_view()),
    path("users/password-reset/", routes.PasswordReset.as_view()),
    path("users/password-reset/confirm/", routes.PasswordResetConfirm.as_view()),
    path("users/<uuid:user_id>/", routes.Profile.as_view()),
]

pages = [
    path("verify-email/", people.VerifyEmailPage.as_view()),
    path("reset-password/", people.ResetPasswordPage.as_view()),
]
