"""The kernel's name and start-up."""

from django.apps import AppConfig


class LearningHubConfig(AppConfig):
    name = "learninghub"
    label = "learninghub"

    def ready(self) -> None:
        from learninghub.http import checks  # noqa: F401
