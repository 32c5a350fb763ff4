"""The API's documentation as pages, without a request to the outside."""

from functools import cache
from pathlib import Path

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.renderers import TemplateHTMLRenderer


@method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class Swagger(SpectacularSwaggerSplitView):
    permission_classes = []
    authentication_classes = []
    renderer_classes = [TemplateHTMLRenderer]
    url_name = "schema"
    url_self = None


@method_decorator(
    csp_update({"style-src": [SELF, UNSAFE_INLINE], "worker-src": [SELF, "blob:"], "script-src": [SELF]}),
    name="dispatch",
)
class ReDoc(SpectacularRedocView):
    template_name = "gateway/redoc.html"  # the library's own asks another host for its fonts
    permission_classes = []
    authentication_classes = []
    renderer_classes = [TemplateHTMLRenderer]
    url_name = "schema"


@require_safe
def redoc_script(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        _redoc_script(), content_type="text/javascript", headers={"Cache-Control": "public, max-age=3600"}
    )


@cache
def _redoc_script() -> bytes:
    """Redoc as packaged, without the picture it would fetch from its makers."""
    packaged = finders.find("drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js")
    return Path(str(packaged)).read_bytes().replace(b"https://cdn.redoc.ly/redoc/logo-mini.svg", b"data:,")
