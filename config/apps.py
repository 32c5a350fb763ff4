"""Composition at start-up: every app's jobs are known in every process, and where it dies in a fault test."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from learninghub.registry import SERVICES


class ComposeConfig(AppConfig):
    name = "config"
    label = "config"

    def ready(self) -> None:
        from config import measures
        from config.admin import house  # noqa: F401  registers the screens of the kernel's tables

        measures.enter()
        for package in ("learninghub", *(f"apps.{service.app}" for service in SERVICES)):
            if find_spec(f"{package}.tasks"):
                import_module(f"{package}.tasks")
        if settings.CRASH_ORDERS:
            from learninghub.outbox import crash  # models are there only now

            crash.obey(Path(settings.CRASH_ORDERS))
