"""The app's name and start-up."""

from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "apps.certificates"
    label = "certificates"

    def ready(self) -> None:
        from apps.certificates import handlers  # noqa: F401
        from learninghub import pdf
        from learninghub.http import health

        health.report_missing(pdf.missing)
