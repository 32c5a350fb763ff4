"""The routes of this process: all thirteen services', or the one it was started as."""

from importlib import import_module

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from learninghub.http import health
from learninghub.registry import BY_NAME, SERVICES, Service

handler400 = "learninghub.http.problem.bad_request"
handler403 = "learninghub.http.problem.forbidden"
handler404 = "learninghub.http.problem.not_found"
handler500 = "learninghub.http.problem.server_error"


def routes_of(service: Service) -> list[URLPattern | URLResolver]:
    """The app's API routes and its pages for people."""
    module = import_module(f"apps.{service.app}.urls")
    return [path("api/v1/", include(module.urlpatterns)), *getattr(module, "pages", [])]


_chosen = [BY_NAME[settings.SERVICE]] if settings.SERVICE else SERVICES

urlpatterns: list[URLPattern | URLResolver] = [path("healthz", health.alive), path("readyz", health.ready)]
for _service in _chosen:
    urlpatterns += routes_of(_service)
    if _service.app == "gateway":
        urlpatterns += [path("admin/", admin.site.urls)]
