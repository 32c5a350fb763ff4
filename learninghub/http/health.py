"""Alive, and ready."""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

_wanting: list[Callable[[], str | None]] = []


def report_missing(check: Callable[[], str | None]) -> None:
    """Registers a check that says what is missing, or None; what is missing is told, and does not make us unready."""
    _wanting.append(check)


def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> JsonResponse:
    """Ready when the database answers; `missing` names what this process has to do without."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return JsonResponse({"status": "unready", "database": "does not answer"}, status=503)
    return JsonResponse({"status": "ready", "missing": [word for check in _wanting if (word := check())]})
