"""The API's description: errors, examples and pages stated once, for every operation."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.serializers import BaseSerializer, Serializer

from learninghub import errors
from learninghub.errors import DomainError
from learninghub.http.idempotency import KEY_HEADER
from learninghub.http.problem import CONTENT_TYPE

if TYPE_CHECKING:
    from learninghub.http.views import View

Method = TypeVar("Method", bound=Callable[..., Any])

_PAGE = [
    OpenApiParameter("cursor", str, description="Where the page starts; taken from `next` or `previous`."),
    OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
]
_KEY = OpenApiParameter(
    KEY_HEADER,
    {"type": "string", "minLength": 1, "maxLength": 255},
    OpenApiParameter.HEADER,
    description="The same key and body are answered alike and done once.",
)
_IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag you have read; 412 when it is out of date.",
)
_LOCATION = OpenApiParameter("Location", OpenApiTypes.URI, OpenApiParameter.HEADER, response=[302])


class Problem(Serializer):
    """What went wrong (RFC 9457)."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable; programs go by this.")
    detail = serializers.CharField(required=False)
    request_id = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="By field."
    )


def operation(
    *,
    request: Any = None,
    response: Any = None,
    status: int = 200,
    or_status: int | None = None,
    or_elsewhere: str | None = None,
    media_type: str | None = None,
    query: type[BaseSerializer] | None = None,
    page: bool = False,
    edits: bool = False,
    errors: Sequence[type[DomainError]] = (),
    example: Any = None,
    **more: Any,
) -> Callable[[Method], Method]:
    """Describes one method of a view; the errors that its rule, body and path bring along are added by the schema.

    `page` makes the response a keyset page of it, `edits` says that If-Match is obeyed. `or_status` is another status
    of the same response, and `or_elsewhere` says why the answer may be at another address (302); `media_type` is said
    of a response that is not JSON.
    """
    parameters: list[Any] = [*([query] if query else []), *(_PAGE if page else []), *([_IF_MATCH] if edits else [])]
    body = paged(response) if page else response
    answers: dict[Any, Any] = {
        (code, media_type) if media_type else code: OpenApiResponse(body, "", examples=_examples(example, code))
        for code in (status, or_status)
        if code is not None
    }
    if or_elsewhere:
        answers[302] = OpenApiResponse(None, or_elsewhere)
        parameters.append(_LOCATION)
    stated: list[type[DomainError]] = [*errors, *([LOST_UPDATE] if edits else [])]
    for code in sorted({error.status for error in stated}):
        answers[code, CONTENT_TYPE] = OpenApiResponse(
            Problem,
            description=" ".join(error.title() for error in stated if error.status == code),
            examples=[problem_example(error) for error in stated if error.status == code],
        )
    describe = extend_schema(request=request, responses=answers, parameters=parameters, **more)

    def mark(method: Method) -> Method:
        described: Method = describe(method)
        described.is_page = page  # type: ignore[attr-defined]
        return described

    return mark


LOST_UPDATE = errors.LostUpdate


def problem_example(error: type[DomainError]) -> OpenApiExample:
    """The problem document of an error, as an example."""
    problem = {"type": "about:blank", "title": error.title(), "status": error.status, "code": error.code()}
    return OpenApiExample(
        error.code(), value=problem | {"request_id": "4bf92f3577b34da6a3ce929d0e0e4736"}, response_only=True
    )


@cache
def paged(serializer: type[BaseSerializer]) -> type[Serializer]:
    """A keyset page of what the serializer shows."""
    fields = {
        "next": serializers.CharField(allow_null=True, help_text="The address of the next page."),
        "previous": serializers.CharField(allow_null=True),
        "results": serializer(many=True),
    }
    return type(f"{serializer.__name__.removesuffix('Out')}Page", (Serializer,), fields)


def _examples(example: Any, status: int) -> list[OpenApiExample]:
    return [] if example is None else [OpenApiExample("example", value=example, status_codes=[str(status)])]


class Schema(AutoSchema):
    """Adds to each operation what follows from its rule, its body and its path, and the words of its rule."""

    def get_operation(self, *arguments: Any, **named: Any) -> dict[str, Any] | None:
        described = super().get_operation(*arguments, **named)
        if described is None or not hasattr(self.view, "rule_for"):
            return described
        for error in self._implied_errors(described):
            described["responses"].setdefault(str(error.status), {"$ref": f"#/components/responses/{error.__name__}"})
        described["responses"] = dict(sorted(described["responses"].items()))
        described["description"] = f"{described.get('description', '')}\n\nMay: {self._rule().words()}".strip()
        return described

    def get_override_parameters(self) -> list[Any]:
        keyed = self.method in {"POST", "PUT", "PATCH", "DELETE"} and not getattr(self._rule(), "is_public", True)
        return [_KEY] if keyed and getattr(self.view, "stores_answer", False) else []

    def get_auth(self) -> list[dict[str, list[str]]]:
        described: list[dict[str, list[str]]] = super().get_auth()  # enters the scheme among the components
        schemes = [scheme for scheme in described if scheme]
        rule = self._rule()
        if not rule.is_public:
            return schemes
        return [{}, *schemes] if rule.shows_more else [{}]

    def get_description(self) -> str:  # type: ignore[override]
        return ""

    def get_operation_id(self) -> str:
        found: str = super().get_operation_id().strip(".").replace(".", "_")
        is_page = getattr(getattr(self.view, self.method.lower()), "is_page", False)
        return f"{found.removesuffix('_retrieve')}_list" if is_page else found

    def get_tags(self) -> list[str]:
        return [type(self.view).__module__.split(".")[1]]

    def _rule(self) -> Any:
        return cast("View", self.view).rule_for(str(self.method))

    def _implied_errors(self, described: dict[str, Any]) -> list[type[DomainError]]:
        implied: list[type[DomainError]] = [errors.TooMany, errors.Unavailable]
        if "requestBody" in described or any(found["in"] == "query" for found in described.get("parameters", [])):
            implied.append(errors.Invalid)
        if "requestBody" in described:
            implied.append(errors.TooLarge)
        if not self._rule().is_public:
            implied += [errors.Unauthorized, errors.Forbidden]
        if "{" in self.path:
            implied.append(errors.NotFound)
        return implied


def _response(error: type[DomainError]) -> dict[str, Any]:
    example = problem_example(error)
    return {
        "description": error.title(),
        "content": {
            CONTENT_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {example.name: {"value": example.value}},
            }
        },
    }


IMPLIED = (
    errors.Invalid,
    errors.Unauthorized,
    errors.Forbidden,
    errors.NotFound,
    errors.TooLarge,
    errors.TooMany,
    errors.Unavailable,
)
APPEND_COMPONENTS = {"responses": {error.__name__: _response(error) for error in IMPLIED}}
