"""PDF files as answers."""

from collections.abc import Iterable

from django.http import HttpResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from learninghub.http.json import JSONRenderer
from learninghub.http.views import View


class PdfRenderer(JSONRenderer):
    """The file passes as it is; errors stay problem documents."""

    media_type = "application/pdf"
    format = "pdf"


class OnlyPdf(BaseContentNegotiation):
    """There is one form of a file, whatever a client says it accepts."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        only = next(iter(renderers))
        return only, only.media_type


class PdfView(View):
    """A route that answers a PDF file."""

    renderer_classes = [PdfRenderer]
    content_negotiation_class = OnlyPdf

    def file(self, content: bytes, *, name: str, sha256: str) -> HttpResponse:
        """The file, to be kept under this name."""
        response = HttpResponse(content, content_type=PdfRenderer.media_type)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["ETag"] = f'"{sha256}"'
        return response
