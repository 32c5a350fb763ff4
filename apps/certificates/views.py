"""The routes of certificates, and the page on which anyone confirms one."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from apps.certificates import actions, queries, rules
from apps.certificates.errors import AlreadyRevoked, CertificateNotFound, CertificateNotReady, CertificateWithdrawn
from apps.certificates.permissions import IsStaff, OwnsCertificate
from apps.certificates.serializers import CertificateOut, RevocationIn, VerificationOut
from apps.certificates.types import RevocationReason
from learninghub.clock import now
from learninghub.http.elsewhere import ELSEWHERE
from learninghub.http.openapi import operation
from learninghub.http.pdf import PdfView
from learninghub.http.permissions import Public, SignedIn
from learninghub.http.views import View
from learninghub.readable import in_groups

REASONS = {
    RevocationReason.REFUND: _("The course was paid back."),
    RevocationReason.MISTAKE: _("It was issued by mistake."),
    RevocationReason.MISCONDUCT: _("The rules of the course were broken."),
}


class CertificateList(View):
    rules = {"GET": SignedIn}

    @operation(summary="My certificates", response=CertificateOut, page=True)
    def get(self, request: Request) -> Response:
        page = queries.list_for_learner(user_id=self.caller.id, page=self.page_request())
        return self.paged(page, CertificateOut)


class CertificateDetail(View):
    rules = {"GET": OwnsCertificate}

    @operation(summary="A certificate", response=CertificateOut, errors=[CertificateNotFound])
    def get(self, request: Request, certificate_id: UUID) -> Response:
        return Response(CertificateOut(queries.get(certificate_id=certificate_id)).data)


class CertificatePdf(PdfView):
    rules = {"GET": OwnsCertificate}

    @operation(
        summary="A certificate as PDF",
        response=OpenApiTypes.BINARY,
        or_elsewhere=ELSEWHERE,
        errors=[CertificateNotFound, CertificateNotReady, CertificateWithdrawn],
    )
    def get(self, request: Request, certificate_id: UUID) -> HttpResponse:
        file = queries.get_file(certificate_id=certificate_id)
        return self.file(name=file.name, sha256=file.sha256)


class CertificateRevocation(View):
    rules = {"POST": IsStaff}

    @operation(
        summary="Revoke a certificate, with a reason",
        request=RevocationIn,
        response=CertificateOut,
        errors=[CertificateNotFound, AlreadyRevoked],
    )
    def post(self, request: Request, certificate_id: UUID) -> Response:
        certificate = actions.revoke(
            certificate_id=certificate_id, by=self.caller.id, now=now(), **self.body(RevocationIn)
        )
        return Response(CertificateOut(certificate).data)


class CertificateVerification(View):
    rules = {"GET": Public}

    @operation(
        summary="Whether a certificate's code is genuine", response=VerificationOut, errors=[CertificateNotFound]
    )
    def get(self, request: Request, code: str) -> Response:
        return Response(VerificationOut(queries.get_by_code(code=code)).data)


@require_safe
def ask_for_code(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("code", "").strip()
    if typed:
        return redirect("verify", code=rules.normalise_code(typed) or typed[:100].replace("/", " "))
    return render(request, "certificates/ask.html")


@require_safe
def show_certificate(request: HttpRequest, code: str) -> HttpResponse:
    found = queries.find_by_code(code=code)
    page = {
        "certificate": found,
        "code": in_groups(found.code) if found else code[:100],
        "reason": REASONS[found.revocation_reason] if found and found.revocation_reason else "",
    }
    return render(request, "certificates/verify.html", page, status=200 if found else 404)
