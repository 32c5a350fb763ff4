"""PDF files as answers."""

from django.http import HttpResponse

from learninghub.http.json import JSONRenderer
from learninghub.http.negotiation import OnlyForm
from learninghub.http.views import View


class PdfRenderer(JSONRenderer):
    """The file passes as it is; errors stay problem documents."""

    media_type = "application/pdf"
    format = "pdf"


class PdfView(View):
    """A route that answers a PDF file."""

    renderer_classes = [PdfRenderer]
    content_negotiation_class = OnlyForm

    def file(self, content: bytes, *, name: str, sha256: str) -> HttpResponse:
        """The file, to be kept under this name."""
        response = HttpResponse(content, content_type=PdfRenderer.media_type)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["ETag"] = f'"{sha256}"'
        return response
