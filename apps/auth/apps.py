"""The app's name and start-up."""

from django.apps import AppConfig


class AuthConfig(AppConfig):
    name = "apps.auth"
    label = "identity"

    def ready(self) -> None:
        from apps.auth import handlers  # noqa: F401
