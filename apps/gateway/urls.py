"""The API's documentation; everything else of the gateway is the data plane."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from apps.gateway.views import ReDoc, Swagger, redoc_script

urlpatterns: list = []

pages = [
    path("api/schema/", SpectacularAPIView.as_view(permission_classes=[]), name="schema"),
    path("api/docs/", Swagger.as_view(), name="docs"),
    path("api/redoc/", ReDoc.as_view(), name="redoc"),
    path("api/redoc/redoc.js", redoc_script, name="redoc-script"),
]
