"""What every answer carries: the request's id and trace, and headers that keep it safe."""

import time
from collections.abc import Callable

import structlog
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bound_contextvars
from whitenoise.middleware import WhiteNoiseMiddleware

from learninghub import metrics, shape
from learninghub.observability import trace_from

Respond = Callable[[HttpRequest], HttpResponse]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})  # others are anybody's words

log = structlog.get_logger("learninghub.request")


class RequestContext:
    """Takes or makes the request id and traceparent, binds them to all that is logged and stated, and returns them.

    Counts the request, too.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trace = trace_from(
            request_id=request.headers.get("X-Request-ID"), traceparent=request.headers.get("traceparent")
        )
        began = time.perf_counter()
        with bound_contextvars(**trace):
            response = self.get_response(request)
            route = request.resolver_match.route if request.resolver_match else "-"
            log.info("request", method=request.method, route=route, status=response.status_code)
        method = str(request.method) if request.method in _METHODS else "-"
        metrics.REQUESTS.labels(method, route, f"{response.status_code // 100}xx").inc()
        metrics.REQUEST_SECONDS.labels(method, route).observe(time.perf_counter() - began)
        response["X-Request-ID"] = trace["request_id"]
        response["traceparent"] = trace["traceparent"]
        return response


class SafeHeaders:
    """Nothing is cached, sniffed, framed or allowed a device unless an answer says otherwise."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "private, no-store")
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class StaticFiles(WhiteNoiseMiddleware):
    """The packages' files, in the service that has their path; the others do not even look for them."""

    def __init__(self, get_response: Respond) -> None:
        service = shape.chosen()
        if service and "/static/" not in service.paths:
            raise MiddlewareNotUsed
        super().__init__(get_response)
