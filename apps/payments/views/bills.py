"""The routes of invoices and credit notes."""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from apps.payments.errors import DocumentNotFound, DocumentNotReady
from apps.payments.permissions import OwnsDocument
from apps.payments.queries import bills
from apps.payments.serializers.bills import DocumentOut
from learninghub.http.elsewhere import ELSEWHERE
from learninghub.http.openapi import operation
from learninghub.http.pdf import PdfView
from learninghub.http.permissions import SignedIn
from learninghub.http.views import View


class InvoiceList(View):
    rules = {"GET": SignedIn}

    @operation(summary="My invoices and credit notes", response=DocumentOut, page=True)
    def get(self, request: Request) -> Response:
        return self.paged(bills.list_for_person(user_id=self.caller.id, page=self.page_request()), DocumentOut)


class InvoiceDetail(View):
    rules = {"GET": OwnsDocument}

    @operation(summary="An invoice or credit note", response=DocumentOut, errors=[DocumentNotFound])
    def get(self, request: Request, document_id: UUID) -> Response:
        return Response(DocumentOut(bills.get(document_id=document_id)).data)


class InvoicePdf(PdfView):
    rules = {"GET": OwnsDocument}

    @operation(
        summary="An invoice or credit note as PDF",
        response=OpenApiTypes.BINARY,
        or_elsewhere=ELSEWHERE,
        errors=[DocumentNotFound, DocumentNotReady],
    )
    def get(self, request: Request, document_id: UUID) -> HttpResponse:
        file = bills.get_file(document_id=document_id)
        return self.file(name=file.name, sha256=file.sha256)
