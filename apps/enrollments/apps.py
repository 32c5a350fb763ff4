"""The app's name and start-up."""

from django.apps import AppConfig


class EnrollmentsConfig(AppConfig):
    name = "apps.enrollments"
    label = "enrollments"

    def ready(self) -> None:
        from apps.enrollments import handlers  # noqa: F401
