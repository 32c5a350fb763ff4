"""The service table: which app answers which paths, where, from which queues. All else derives from it."""

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Interface(StrEnum):
    WSGI = "wsgi"
    ASGI = "asgi"


class CachePolicy(StrEnum):
    PRIVATE = "private"
    PUBLIC_READS = "public-reads"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One deployment shape of one app."""

    name: str
    app: str
    paths: tuple[str, ...]
    port: int
    cluster_ip: str
    internal_paths: tuple[str, ...] = ()  # asked for by the gateway itself, never passed on to
    queues: tuple[str, ...] = ()
    interface: Interface = Interface.WSGI
    reads_replica: bool = False
    cache: CachePolicy = CachePolicy.PRIVATE
    replicas: tuple[int, int] = (2, 4)

    @property
    def dns(self) -> str:
        return f"{self.name}.{NAMESPACE}.svc.cluster.local"


NAMESPACE = "backend-prod"

SERVICES: tuple[Service, ...] = (
    Service(
        name="api-gateway",
        app="gateway",
        paths=("/api/docs/", "/api/redoc/", "/api/schema/", "/admin/", "/static/"),
        port=3000,
        cluster_ip="10.100.0.10",
        queues=("default",),
    ),
    Service(
        name="user-service",
        app="users",
        paths=("/api/v1/users/", "/verify-email/", "/reset-password/"),
        port=3001,
        cluster_ip="10.100.1.1",
        queues=("users",),
    ),
    Service(
        name="auth-service",
        app="auth",
        paths=("/api/v1/auth/", "/.well-known/jwks.json"),
        internal_paths=("/internal/sessions/",),
        port=3002,
        cluster_ip="10.100.1.2",
        queues=("auth",),
    ),
    Service(
        name="course-service",
        app="courses",
        paths=("/api/v1/courses/", "/api/v1/categories/"),
        port=3003,
        cluster_ip="10.100.1.3",
        queues=("courses",),
        reads_replica=True,
        cache=CachePolicy.PUBLIC_READS,
    ),
    Service(
        name="enrollment-service",
        app="enrollments",
        paths=("/api/v1/enrollments/",),
        port=3004,
        cluster_ip="10.100.1.4",
        queues=("enrollments",),
    ),
    Service(
        name="payment-service",
        app="payments",
        paths=("/api/v1/payments/", "/after-checkout/"),
        port=3005,
        cluster_ip="10.100.2.1",
        queues=("payments",),
    ),
    Service(
        name="media-service",
        app="media",
        paths=("/api/v1/media/",),
        port=3006,
        cluster_ip="10.100.2.2",
        queues=("media",),
    ),
    Service(
        name="notification-service",
        app="notifications",
        paths=("/api/v1/notifications/", "/unsubscribe/"),
        port=3007,
        cluster_ip="10.100.2.3",
        queues=("notifications", "mail"),
    ),
    Service(
        name="content-service",
        app="content",
        paths=("/api/v1/content/",),
        port=3008,
        cluster_ip="10.100.3.1",
        queues=("content", "imports"),
    ),
    Service(
        name="assessment-service",
        app="assessments",
        paths=("/api/v1/assessments/",),
        port=3009,
        cluster_ip="10.100.3.2",
        queues=("assessments",),
    ),
    Service(
        name="review-service",
        app="reviews",
        paths=("/api/v1/reviews/",),
        port=3010,
        cluster_ip="10.100.3.3",
        queues=("reviews",),
        reads_replica=True,
        cache=CachePolicy.PUBLIC_READS,
    ),
    Service(
        name="certificate-service",
        app="certificates",
        paths=("/api/v1/certificates/", "/verify/"),
        port=3011,
        cluster_ip="10.100.3.4",
        queues=("certificates", "pdf"),
    ),
    Service(
        name="gamification-service",
        app="gamification",
        paths=("/api/v1/gamification/",),
        port=3012,
        cluster_ip="10.100.3.5",
        queues=("gamification",),
    ),
)


def _refuse_doubles(what: str, values: Iterable[object]) -> None:
    doubles = [value for value, count in Counter(values).items() if count > 1]
    if doubles:
        raise ValueError(f"registry: {what} given twice: {doubles}")


def _all_paths(services: tuple[Service, ...]) -> list[str]:
    return [path for service in services for path in service.paths + service.internal_paths]


def check(services: tuple[Service, ...]) -> None:
    """Refuses a table that gives a name, port, address, path prefix or queue to two services."""
    _refuse_doubles("name", (service.name for service in services))
    _refuse_doubles("app", (service.app for service in services))
    _refuse_doubles("port", (service.port for service in services))
    _refuse_doubles("cluster IP", (service.cluster_ip for service in services))
    _refuse_doubles("path", _all_paths(services))
    _refuse_doubles("queue", (queue for service in services for queue in service.queues))
    paths = sorted(_all_paths(services))
    for shorter, longer in itertools.pairwise(paths):
        if longer.startswith(shorter):
            raise ValueError(f"registry: path {longer} lies within {shorter}")


check(SERVICES)

BY_NAME = {service.name: service for service in SERVICES}
BY_APP = {service.app: service for service in SERVICES}
QUEUES = {queue: service for service in SERVICES for queue in service.queues}
