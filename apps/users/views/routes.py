"""The API of users."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.users import actions, queries
from apps.users.errors import AlreadyVerified, EmailNotVerified, EmailTaken, InvalidLink, WeakPassword
from apps.users.serializers import (
    EmailChangeIn,
    MeOut,
    PasswordChangeIn,
    PreferencesShape,
    ProfileIn,
    ProfileOut,
    ResetConfirmIn,
    ResetIn,
    TokenIn,
)
from learninghub.clock import now
from learninghub.http.openapi import operation
from learninghub.http.permissions import Public, SignedIn
from learninghub.http.views import View


class Me(View):
    rules = {"GET": SignedIn, "PATCH": SignedIn}

    @operation(summary="My account", response=MeOut)
    def get(self, request: Request) -> Response:
        return Response(MeOut(queries.get_user(user_id=self.caller.id)).data)

    @operation(summary="Change my profile", request=ProfileIn, response=MeOut)
    def patch(self, request: Request) -> Response:
        user = actions.change_profile(user_id=self.caller.id, now=now(), **self.changes(ProfileIn))
        return Response(MeOut(user).data)


class Preferences(View):
    rules = {"GET": SignedIn, "PUT": SignedIn}

    @operation(summary="My locale and time zone", response=PreferencesShape)
    def get(self, request: Request) -> Response:
        return Response(PreferencesShape(queries.get_user(user_id=self.caller.id)).data)

    @operation(summary="Set my locale and time zone", request=PreferencesShape, response=PreferencesShape)
    def put(self, request: Request) -> Response:
        user = actions.change_preferences(user_id=self.caller.id, **self.body(PreferencesShape))
        return Response(PreferencesShape(user).data)


class ChangePassword(View):
    rules = {"POST": SignedIn}
    stores_answer = False

    @operation(summary="Change my password", request=PasswordChangeIn, status=204, errors=[WeakPassword])
    def post(self, request: Request) -> Response:
        body = self.body(PasswordChangeIn)
        actions.change_password(user_id=self.caller.id, session_id=self.caller.session, now=now(), **body)
        return Response(status=204)


class ChangeEmail(View):
    rules = {"POST": SignedIn}
    stores_answer = False

    @operation(
        summary="Change my e-mail address; the new one is confirmed by mail",
        request=EmailChangeIn,
        status=202,
        errors=[EmailTaken],
    )
    def post(self, request: Request) -> Response:
        actions.request_email_change(user_id=self.caller.id, now=now(), **self.body(EmailChangeIn))
        return Response(status=202)


class StartTeaching(View):
    rules = {"POST": SignedIn}

    @operation(summary="Become an instructor", response=MeOut, errors=[EmailNotVerified])
    def post(self, request: Request) -> Response:
        return Response(MeOut(actions.start_teaching(user_id=self.caller.id, now=now())).data)


class VerifyEmail(View):
    rules = {"POST": Public}
    stores_answer = False

    @operation(
        summary="Confirm an e-mail address with the mailed link",
        request=TokenIn,
        status=204,
        errors=[InvalidLink, EmailTaken],
    )
    def post(self, request: Request) -> Response:
        actions.verify_email(token=self.body(TokenIn)["token"], now=now())
        return Response(status=204)


class ResendVerification(View):
    rules = {"POST": SignedIn}

    @operation(summary="Ask for the confirmation mail again", status=202, errors=[AlreadyVerified])
    def post(self, request: Request) -> Response:
        actions.request_verification(user_id=self.caller.id, now=now())
        return Response(status=202)


class PasswordReset(View):
    rules = {"POST": Public}
    stores_answer = False

    @operation(summary="Ask for a link to set a new password", request=ResetIn, status=202)
    def post(self, request: Request) -> Response:
        actions.accept_reset_wish(address=self.client_address, now=now(), **self.body(ResetIn))
        return Response(status=202)


class PasswordResetConfirm(View):
    rules = {"POST": Public}
    stores_answer = False

    @operation(
        summary="Set a new password with the mailed link",
        request=ResetConfirmIn,
        status=204,
        errors=[InvalidLink, WeakPassword],
    )
    def post(self, request: Request) -> Response:
        actions.confirm_reset(now=now(), **self.body(ResetConfirmIn))
        return Response(status=204)


class Profile(View):
    rules = {"GET": Public}

    @operation(summary="A person's public profile", response=ProfileOut)
    def get(self, request: Request, user_id: UUID) -> Response:
        return Response(ProfileOut(queries.get_profile(user_id=user_id)).data)
