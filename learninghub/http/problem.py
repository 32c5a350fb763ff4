"""The one way out for errors: RFC 9457 problem documents."""

from http import HTTPStatus
from typing import Any

import orjson
import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import Error as DatabaseError
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response
from structlog.contextvars import get_contextvars

from learninghub import metrics
from learninghub.errors import DomainError, Forbidden, Invalid, NotFound, TooLarge, Unauthorized, Unavailable

CONTENT_TYPE = "application/problem+json"
# PostgreSQL: statement timeout, lock timeout, serialization failure, deadlock, too many connections, shutting down.
_BUSY = {"57014", "55P03", "40001", "40P01", "53300", "57P01", "57P03"}

log = structlog.get_logger(__name__)


def document(*, status: int, code: str, title: str, detail: str = "", **extras: Any) -> dict[str, Any]:
    """A problem as plain data; the request id comes from the context."""
    metrics.PROBLEMS.labels(code, status).inc()
    problem = {"type": "about:blank", "title": title, "status": status, "code": code}
    if detail:
        problem["detail"] = detail
    return problem | {"request_id": get_contextvars().get("request_id", "")} | extras


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error a view raises leaves here; what is nobody's error goes on to be a 500."""
    domain = as_domain_error(error)
    if domain is None:
        return None
    problem = document(
        status=domain.status, code=domain.code(), title=domain.title(), detail=domain.detail, **domain.extras
    )
    response = Response(problem, status=domain.status, content_type=CONTENT_TYPE)
    for name, value in domain.headers.items():
        response[name] = value
    if domain.retry_after is not None:
        response["Retry-After"] = str(domain.retry_after)
    if domain.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, exceptions.MethodNotAllowed) and "view" in context:
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def page(request: HttpRequest, *, status: int) -> HttpResponse:
    """The same document for errors outside the API's views (no route, bad host, an unforeseen failure)."""
    phrase = HTTPStatus(status).phrase
    problem = document(status=status, code=phrase.lower().replace(" ", "_"), title=phrase)
    return HttpResponse(orjson.dumps(problem), status=status, content_type=CONTENT_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return page(request, status=500)


def as_domain_error(error: Exception) -> DomainError | None:
    """The error as one of ours; None where it is nobody's."""
    match error:
        case DomainError():
            return error
        case exceptions.ValidationError():
            return Invalid(errors=_fields(error.detail))
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return Unauthorized()
        case exceptions.PermissionDenied() | PermissionDenied():
            return Forbidden()
        case exceptions.NotFound() | Http404():
            return NotFound()
        case exceptions.APIException():
            return _other(error)
        case RequestDataTooBig():
            return TooLarge()
        case DatabaseError() if _will_pass(error):
            log.warning("database.unavailable", sqlstate=_sqlstate(error))
            return Unavailable()
    return None


def _will_pass(error: DatabaseError) -> bool:
    """Whether the database is busy, or cannot be reached: then PostgreSQL gave no state."""
    state = _sqlstate(error)
    return state in _BUSY or (state is None and isinstance(error, OperationalError))


def _sqlstate(error: DatabaseError) -> str | None:
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state


def _other(error: exceptions.APIException) -> DomainError:
    codes = error.get_codes()
    kind = type(
        str(codes).title().replace("_", "") if isinstance(codes, str) else "Invalid",
        (DomainError,),
        {"status": error.status_code, "__doc__": str(error.default_detail)},
    )
    made: DomainError = kind(str(error.detail))
    return made


def _fields(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            found |= _fields(inner, f"{prefix}.{name}" if prefix else str(name))
        return found
    if isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        found = {}
        for position, inner in enumerate(detail):
            found |= _fields(inner, f"{prefix}.{position}" if prefix else str(position))
        return found
    messages = detail if isinstance(detail, list) else [detail]
    return {prefix or "body": [str(message) for message in messages]} if messages else {}
