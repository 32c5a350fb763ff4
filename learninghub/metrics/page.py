"""The page that Prometheus reads."""

from prometheus_client import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client import generate_latest

from learninghub.metrics.definitions import REGISTRY

__all__ = ["CONTENT_TYPE", "page"]


def page() -> bytes:
    """All metrics of this process in Prometheus' text format."""
    return generate_latest(REGISTRY)
