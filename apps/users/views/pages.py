"""The pages that mailed links lead to. Opening one changes nothing: mail scanners open links. Its button does."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from apps.users import actions
from learninghub.clock import now
from learninghub.errors import DomainError


@method_decorator(csrf_exempt, name="dispatch")  # the token is the authority; no cookie is read
class LinkPage(View):
    """A form for a person: its errors are sentences on the page, where the API's are problem documents."""

    http_method_names = ["get", "post"]
    template = ""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, token=request.GET.get("token", ""))

    def post(self, request: HttpRequest) -> HttpResponse:
        token = request.POST.get("token", "")[:512]
        try:
            self.use(token, request)
        except DomainError as error:
            return self._page(request, token=token, faults=_sentences(error), status=error.status)
        return self._page(request, is_done=True)

    def use(self, token: str, request: HttpRequest) -> None:
        raise NotImplementedError

    def _page(self, request: HttpRequest, *, status: int = 200, **context: object) -> HttpResponse:
        response = render(request, self.template, context, status=status)
        response["Referrer-Policy"] = "no-referrer"
        return response


class VerifyEmailPage(LinkPage):
    template = "users/verify_email.html"

    def use(self, token: str, request: HttpRequest) -> None:
        actions.verify_email(token=token, now=now())


class ResetPasswordPage(LinkPage):
    template = "users/reset_password.html"

    def use(self, token: str, request: HttpRequest) -> None:
        actions.confirm_reset(token=token, password=request.POST.get("password", "")[:1024], now=now())


def _sentences(error: DomainError) -> list[str]:
    fields = error.extras.get("errors", {})
    return [sentence for sentences in fields.values() for sentence in sentences] or [_(error.title())]
