"""The routes of this process: all thirteen services', or those of the one it is. Imported once that is settled."""

from importlib import import_module

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from learninghub import shape
from learninghub.registry import SERVICES, Service

handler400 = "learninghub.http.problem.bad_request"
handler403 = "learninghub.http.problem.forbidden"
handler404 = "learninghub.http.problem.not_found"
handler500 = "learninghub.http.problem.server_error"


def routes_of(service: Service) -> list[URLPattern | URLResolver]:
    """The app's API routes and its pages for people."""
    module = import_module(f"apps.{service.app}.urls")
    return [path("api/v1/", include(module.urlpatterns)), *getattr(module, "pages", [])]


_chosen = shape.chosen()

urlpatterns: list[URLPattern | URLResolver] = []
for _service in [_chosen] if _chosen else SERVICES:
    urlpatterns += routes_of(_service)
    if _service.app == "gateway":
        urlpatterns += [path("admin/", admin.site.urls)]
