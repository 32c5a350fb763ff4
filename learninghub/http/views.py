"""The base of every view: a rule for each method, validated input, keyset pages, keyed writes."""

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.views import APIView

from learninghub.db import repeated, replica
from learninghub.errors import Invalid, Unauthorized
from learninghub.http import conditional, idempotency
from learninghub.http.identity import ADDRESS_HEADER, SCOPE_HEADER, Caller
from learninghub.http.pagination import DEFAULT_SIZE, MAX_SIZE, Page, PageRequest
from learninghub.http.permissions import Rule

_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class View(APIView):
    """One route.

    `rules` names who may use each method. `public_cache` names the scope (learninghub.caching) under which anonymous
    GETs may be kept as bytes. A route that hands out secrets sets `stores_answer` to False; one that moves money sets
    `needs_key`; one whose write calls a third party, `calls_outside`.
    """

    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    rules: ClassVar[Mapping[str, type[Rule]]] = {}
    public_cache: ClassVar[str | None] = None
    stores_answer: ClassVar[bool] = True
    needs_key: ClassVar[bool] = False
    calls_outside: ClassVar[bool] = False

    @property
    def caller(self) -> Caller:
        caller = self.caller_or_none
        if caller is None:
            raise Unauthorized
        return caller

    @property
    def caller_or_none(self) -> Caller | None:
        user: object = self.request.user
        return user if isinstance(user, Caller) else None

    @property
    def client_address(self) -> str:
        """The address the request came from, as the edge saw it."""
        return self.request.headers.get(ADDRESS_HEADER) or self.request.META.get("REMOTE_ADDR", "")

    def rule_for(self, method: str) -> type[Rule]:
        return self.rules["GET" if method == "HEAD" else method]

    def get_permissions(self) -> list[BasePermission]:
        method = str(self.request.method)
        if ("GET" if method == "HEAD" else method) not in self.rules:
            raise MethodNotAllowed(method)
        return [self.rule_for(method)()]

    def body(self, serializer: type[Serializer]) -> dict[str, Any]:
        """The request's body, validated; raises Invalid naming each field."""
        checked = serializer(data=self.request.data, context={"view": self})
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)

    def changes(self, serializer: type[Serializer]) -> dict[str, Any]:
        """The fields a PATCH brought, validated, and no others."""
        checked = serializer(data=self.request.data, partial=True, context={"view": self})
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)

    def query(self, serializer: type[Serializer]) -> dict[str, Any]:
        """The query string, validated; raises Invalid naming each field."""
        checked = serializer(data=self.request.query_params, context={"view": self})
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)

    def page_request(self) -> PageRequest:
        """Which page is asked for; raises Invalid for a size that is not 1 to 100."""
        asked = self.request.query_params.get("page_size", str(DEFAULT_SIZE))
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 9 and 1 <= int(asked) <= MAX_SIZE):
            raise Invalid(errors={"page_size": [f"A number from 1 to {MAX_SIZE}."]})
        return PageRequest(size=int(asked), cursor=self.request.query_params.get("cursor"))

    def paged(self, page: Page[Any], serializer: type[BaseSerializer] | None = None, **context: Any) -> Response:
        """The page with links that keep the filters of this request; rows in their final shape need no serializer."""
        return Response(
            {
                "next": self._link(page.next),
                "previous": self._link(page.previous),
                "results": serializer(page.results, many=True, context=context).data if serializer else page.results,
            }
        )

    def expected_version(self) -> int | None:
        """The version the caller edits, by If-Match."""
        return conditional.expected_version(self.request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.args, self.kwargs = args, kwargs
        self.headers = self.default_response_headers
        self.request = self.initialize_request(request, *args, **kwargs)
        try:
            self.initial(self.request, *args, **kwargs)
            response = self._handle(self.request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  the one handler decides; what it does not know it raises again
            response = self.handle_exception(error)
        answer: HttpResponseBase = self.finalize_response(self.request, response, *args, **kwargs)
        return answer

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> NoReturn:
        raise MethodNotAllowed(str(request.method))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        is_read = request.method in {"GET", "HEAD"} and response.status_code == 200
        if self.public_cache and is_read and self.caller_or_none is None:
            response[SCOPE_HEADER] = self.public_cache
            response["Cache-Control"] = "public, max-age=60"
        return response

    def _handle(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        method = str(request.method)
        handler = getattr(self, method.lower(), self.http_method_not_allowed)
        caller = self.caller_or_none
        if method not in _WRITES:
            with replica.reading_for(caller.id if caller else None):
                return handler(request, *args, **kwargs)
        try:
            return self._write(request, handler, *args, **kwargs)
        finally:
            if caller:
                replica.pin(caller.id)

    def _write(self, request: Request, handler: Any, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(idempotency.KEY_HEADER)
        if not self.stores_answer or self.caller_or_none is None:
            return repeated(lambda: handler(request, *args, **kwargs))
        if key is None:
            if self.needs_key:
                raise idempotency.IdempotencyKeyMissing
            return repeated(lambda: handler(request, *args, **kwargs))
        once = idempotency.once_in_halves if self.calls_outside else idempotency.once
        return repeated(
            lambda: once(
                caller_id=self.caller.id,
                key=key,
                request=request,
                write=lambda: handler(request, *args, **kwargs),
            )
        )

    def _link(self, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        kept = [(name, value) for name, value in self.request.query_params.items() if name != "cursor"]
        return f"{self.request.path}?{urlencode([*kept, ('cursor', cursor)])}"
