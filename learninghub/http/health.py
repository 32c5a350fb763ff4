"""Alive, ready, and in what figures: answered to whoever asks, by whatever name (a kubelet asks the pod's address)."""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from learninghub import metrics, shape

Respond = Callable[[HttpRequest], HttpResponse]

_wanting: list[Callable[[], str | None]] = []
_leaving: list[Callable[[], bool]] = []


def report_missing(check: Callable[[], str | None]) -> None:
    """Registers a check that says what is missing, or None; what is missing is told, and does not make us unready."""
    _wanting.append(check)


def leave_when(check: Callable[[], bool]) -> None:
    """Registers a check that says whether this process is about to end: then it is alive and no longer ready (R29)."""
    _leaving.append(check)


class Probes:
    """Answers the probes before the routes are looked at, and before the Host header is."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/metrics" and shape.chosen():  # a pod's port is its own; the one process faces the world
            return HttpResponse(metrics.page(), content_type=metrics.CONTENT_TYPE)
        probe = _PROBES.get(request.path)
        return probe() if probe else self.get_response(request)


def _alive() -> JsonResponse:
    return JsonResponse({"status": "alive"})


def _ready() -> JsonResponse:
    """Ready when the database answers; `missing` names what this process has to do without."""
    if any(check() for check in _leaving):
        return JsonResponse({"status": "leaving"}, status=503)
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return JsonResponse({"status": "unready", "database": "does not answer"}, status=503)
    return JsonResponse({"status": "ready", "missing": [word for check in _wanting if (word := check())]})


_PROBES: dict[str, Callable[[], JsonResponse]] = {"/healthz": _alive, "/readyz": _ready}
