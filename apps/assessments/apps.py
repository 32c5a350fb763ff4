"""The app's name and start-up."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "apps.assessments"
    label = "assessments"

    def ready(self) -> None:
        from apps.assessments import handlers  # noqa: F401
