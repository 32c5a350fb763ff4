"""The API's documentation as pages, without a request to the outside."""

from csp.constants import NONCE, SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
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
    csp_update({"style-src": [SELF, UNSAFE_INLINE], "worker-src": [SELF, "blob:"], "script-src": [SELF, NONCE]}),
    name="dispatch",
)
class ReDoc(SpectacularRedocView):
    permission_classes = []
    authentication_classes = []
    renderer_classes = [TemplateHTMLRenderer]
    url_name = "schema"
