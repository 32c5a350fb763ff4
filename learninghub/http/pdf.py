"""PDF files as answers."""

from datetime import timedelta

from django.http import HttpResponse

from learninghub.http.elsewhere import elsewhere
from learninghub.http.json import JSONRenderer
from learninghub.http.negotiation import OnlyForm
from learninghub.http.views import View
from learninghub.storage import store

_LIFETIME = timedelta(minutes=5)  # of an address in the store


class PdfRenderer(JSONRenderer):
    """The file passes as it is; errors stay problem documents."""

    media_type = "application/pdf"
    format = "pdf"


class PdfView(View):
    """A route that answers a PDF file."""

    renderer_classes = [PdfRenderer]
    content_negotiation_class = OnlyForm

    def file(self, *, name: str, sha256: str) -> HttpResponse:
        """The file that is kept under this hash, to be saved under this name: from us, or from the store itself."""
        disposition = f'attachment; filename="{name}"'
        address = store.address(
            sha256,
            method=str(self.request.method),
            media_type=PdfRenderer.media_type,
            disposition=disposition,
            lifetime=_LIFETIME,
        )
        if address:
            return elsewhere(address)
        response = HttpResponse(store.read(sha256), content_type=PdfRenderer.media_type)
        response["Content-Disposition"] = disposition
        response["ETag"] = f'"{sha256}"'
        return response
