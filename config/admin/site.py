"""The admin's site: unfold's, with the dashboard in front and a policy of its own for what a page may load."""

from collections.abc import Callable
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from unfold.sites import UnfoldAdminSite

from config.admin.dashboard import dashboard
from learninghub.clock import now

# The screens' library evaluates the expressions in its own markup (Alpine) and styles elements in place; all else is
# as strict as everywhere: nothing comes from another host, and nothing is sent to one.
_POLICY = {
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "object-src": [NONE],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}


class Desk(UnfoldAdminSite):
    """Where staff work."""

    site_title = "Learning Hub"
    index_title = "Today"

    def admin_view(self, view: Callable[..., HttpResponseBase], *positional: Any, **named: Any) -> Any:
        return csp_replace(_POLICY)(super().admin_view(view, *positional, **named))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        page = super().login
        return csp_replace(_POLICY)(lambda asked: page(asked, extra_context))(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The dashboard of the day."""
        return super().index(request, {"dashboard": dashboard(now=now())} | (extra_context or {}))
