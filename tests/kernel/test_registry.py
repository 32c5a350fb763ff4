"""The service table, and what is derived from it."""

import dataclasses
import json
import subprocess
import sys

import pytest

from config.env import ROOT
from learninghub import registry
from learninghub.registry import SERVICES, Service
from tests.support import services

DRAWN = {
    "api-gateway": (3000, "10.100.0.10"),
    "user-service": (3001, "10.100.1.1"),
    "auth-service": (3002, "10.100.1.2"),
    "course-service": (3003, "10.100.1.3"),
    "enrollment-service": (3004, "10.100.1.4"),
    "payment-service": (3005, "10.100.2.1"),
    "media-service": (3006, "10.100.2.2"),
    "notification-service": (3007, "10.100.2.3"),
    "content-service": (3008, "10.100.3.1"),
    "assessment-service": (3009, "10.100.3.2"),
    "review-service": (3010, "10.100.3.3"),
    "certificate-service": (3011, "10.100.3.4"),
    "gamification-service": (3012, "10.100.3.5"),
}


def test_the_table_is_the_drawing():
    assert {service.name: (service.port, service.cluster_ip) for service in SERVICES} == DRAWN
    assert SERVICES[1].dns == "user-service.backend-prod.svc.cluster.local"
    assert [service.name for service in SERVICES if service.reads_replica] == ["course-service", "review-service"]


@pytest.mark.parametrize(
    "changes",
    [
        {"port": 3001},
        {"name": "user-service"},
        {"app": "users"},
        {"cluster_ip": "10.100.1.1"},
        {"paths": ("/api/v1/users/",)},
        {"paths": ("/api/v1/users/me/",)},
        {"paths": ("/internal/",)},
        {"queues": ("mail",)},
    ],
    ids=str,
)
def test_a_second_claim_is_refused(changes):
    fresh = Service(name="x-service", app="x", paths=("/api/v1/x/",), port=3999, cluster_ip="10.100.9.9")
    registry.check((*SERVICES, fresh))
    with pytest.raises(ValueError, match="registry"):
        registry.check((*SERVICES, dataclasses.replace(fresh, **changes)))


def test_it_needs_nothing_but_the_standard_library():
    code = "import sys, learninghub.registry, learninghub.events; print('django' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


_ROUTES = """
import json, multiprocessing, sys, django
from learninghub import shape
django.setup()
from scripts.fleet.members import import_all
def walk(patterns, prefix="/"):
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from walk(entry.url_patterns, route)
        else:
            yield route
def routes_of(name):
    from django.urls import get_resolver
    if name:
        shape.choose(name)
    return list(walk(get_resolver().url_patterns))
import_all()
fork = multiprocessing.get_context("fork")
with fork.Pool(1, maxtasksperchild=1) as children:
    print(json.dumps({name: children.apply(routes_of, [name]) for name in sys.argv[1:]}))
"""
ALL = ""  # the name of no service: the process stands for all of them


@pytest.fixture(scope="module")
def routes() -> dict[str, list[str]]:
    """The routes of each service and of all together, each in a process of its own, forked as the fleet forks them."""
    found = subprocess.run(
        [sys.executable, "-c", _ROUTES, ALL, *(service.name for service in SERVICES)],
        cwd=ROOT,
        env=services.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(found.stdout.splitlines()[-1])


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_alone_has_its_own_routes_and_no_other(service: Service, routes: dict[str, list[str]]):
    own = routes[service.name]
    assert [route for route in own if not route.startswith(service.paths + service.internal_paths)] == []
    for path in service.paths + service.internal_paths:
        is_a_view = path != "/static/"  # files are answered before Django
        assert any(route.startswith(path) for route in own) == is_a_view, path


def test_all_together_have_the_routes_of_all(routes: dict[str, list[str]]):
    apart = [route for service in SERVICES for route in routes[service.name]]
    assert sorted(routes[ALL]) == sorted({*apart})
