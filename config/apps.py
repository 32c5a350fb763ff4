"""Composition at start-up: every app's jobs are known in every process."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

from learninghub.registry import SERVICES


class ComposeConfig(AppConfig):
    name = "config"
    label = "config"

    def ready(self) -> None:
        for package in ("learninghub", *(f"apps.{service.app}" for service in SERVICES)):
            if find_spec(f"{package}.tasks"):
                import_module(f"{package}.tasks")
