"""Views of auth."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.auth import actions, queries
from apps.auth.errors import RefreshInvalid
from apps.auth.serializers import (
    CredentialsIn,
    KeysOut,
    RefreshIn,
    RegisteredOut,
    RegisterIn,
    SessionOut,
    TokensOut,
)
from apps.auth.types import LOOK_BACK, Origin
from apps.users.errors import EmailTaken, WeakPassword, WrongCredentials
from learninghub.clock import now
from learninghub.http.openapi import operation
from learninghub.http.permissions import Public, SignedIn, TheEdge
from learninghub.http.views import View


class Register(View):
    rules = {"POST": Public}
    stores_answer = False

    @operation(
        summary="Register, and be logged in",
        request=RegisterIn,
        response=RegisteredOut,
        status=201,
        errors=[EmailTaken, WeakPassword],
    )
    def post(self, request: Request) -> Response:
        person, tokens = actions.sign_up(now=now(), origin=_origin(self), **self.body(RegisterIn))
        out = {"user": person, "access": tokens.access, "refresh": tokens.refresh}
        return Response(RegisteredOut(out).data, status=201)


class LogIn(View):
    rules = {"POST": Public}
    stores_answer = False

    @operation(
        summary="Log in: an access token and a refresh token",
        request=CredentialsIn,
        response=TokensOut,
        errors=[WrongCredentials],
    )
    def post(self, request: Request) -> Response:
        tokens = actions.log_in(now=now(), origin=_origin(self), **self.body(CredentialsIn))
        return Response(TokensOut(tokens).data)


class Refresh(View):
    rules = {"POST": Public}
    stores_answer = False

    @operation(summary="The next pair of tokens", request=RefreshIn, response=TokensOut, errors=[RefreshInvalid])
    def post(self, request: Request) -> Response:
        tokens = actions.refresh(token=self.body(RefreshIn)["refresh"], now=now())
        return Response(TokensOut(tokens).data)


class LogOut(View):
    rules = {"POST": SignedIn}
    stores_answer = False

    @operation(summary="Log out: end this session", status=204)
    def post(self, request: Request) -> Response:
        actions.log_out(session_id=self.caller.session, user_id=self.caller.id, now=now())
        return Response(status=204)


class SessionList(View):
    rules = {"GET": SignedIn}

    @operation(summary="My open sessions", response=SessionOut, page=True)
    def get(self, request: Request) -> Response:
        page = queries.list_alive(user_id=self.caller.id, page=self.page_request(), now=now())
        return self.paged(page, SessionOut, current=self.caller.session)


class SessionDetail(View):
    rules = {"DELETE": SignedIn}

    @operation(summary="End one of my sessions", status=204)
    def delete(self, request: Request, session_id: UUID) -> Response:
        actions.end_session(session_id=session_id, user_id=self.caller.id, now=now())
        return Response(status=204)


class Keys(View):
    rules = {"GET": Public}

    @operation(summary="The public keys that access tokens are signed with", response=KeysOut)
    def get(self, request: Request) -> Response:
        return Response({"keys": queries.public_keys()}, headers={"Cache-Control": "public, max-age=300"})


class SessionChanges(View):
    """What a proxy asks every few seconds, in the words of the bus."""

    rules = {"GET": TheEdge}
    schema = None

    def get(self, request: Request) -> Response:
        changes = queries.session_changes(since=now() - LOOK_BACK)
        return Response({"changes": [change.word for change in changes]})


def _origin(view: View) -> Origin:
    return Origin(address=view.client_address, user_agent=view.request.headers.get("User-Agent", ""))
