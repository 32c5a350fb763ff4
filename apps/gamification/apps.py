"""The app's name and start-up."""

from django.apps import AppConfig


class GamificationConfig(AppConfig):
    name = "apps.gamification"
    label = "gamification"

    def ready(self) -> None:
        from apps.gamification import handlers  # noqa: F401
