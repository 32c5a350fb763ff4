"""Routes under /api/v1/, and the pages for people."""

from django.urls import path

from apps.certificates import views

urlpatterns = [
    path("certificates/", views.CertificateList.as_view()),
    path("certificates/verify/<str:code>/", views.CertificateVerification.as_view()),
    path("certificates/<uuid:certificate_id>/", views.CertificateDetail.as_view()),
    path("certificates/<uuid:certificate_id>/pdf/", views.CertificatePdf.as_view()),
    path("certificates/<uuid:certificate_id>/revoke/", views.CertificateRevocation.as_view()),
]
pages = [
    path("verify/", views.ask_for_code, name="verify-form"),
    path("verify/<str:code>/", views.show_certificate, name="verify"),
]
