"""The app's name and start-up."""

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "apps.courses"
    label = "courses"

    def ready(self) -> None:
        from apps.courses import handlers  # noqa: F401
