"""How a service knows its caller: by the edge's signed header, and by nothing else."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from learninghub.clock import now
from learninghub.http.identity import HEADER, Caller, ForgedCaller, unseal


class CallerAuthentication(BaseAuthentication):
    """Reads the caller from the signed header; no table is asked."""

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        header = request.headers.get(HEADER)
        if header is None:
            return None
        try:
            return unseal(header, key=settings.CALLER_KEY, at=now().timestamp()), None
        except ForgedCaller as error:
            raise AuthenticationFailed from error

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class CallerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = CallerAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "From `POST auth/token/`."}
