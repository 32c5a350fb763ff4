"""The fleet itself: each process minds its own routes and queues, is started again when it dies, and leaves nothing."""

import http.client
import os
import signal

import pytest

from config.gateway import PAGES_PORT
from learninghub.registry import QUEUES, SERVICES, Service
from scripts.fleet.memory import processes_of
from tests.support.fleet import Fleet
from tests.support.instances.server import until

INNER = [service for service in SERVICES if service.app != "gateway"]


def status(fleet: Fleet, port: int, path: str) -> int:
    line = http.client.HTTPConnection(fleet.host, port, timeout=30)
    try:
        line.request("GET", path, headers={"Host": "127.0.0.1"})
        return line.getresponse().status
    finally:
        line.close()


def is_back(fleet: Fleet, service: Service) -> bool:
    try:
        return status(fleet, service.port, "/readyz") == 200
    except OSError:
        return False


@pytest.mark.parametrize("service", INNER, ids=lambda service: service.name)
def test_a_service_has_its_own_routes_and_no_others(the_fleet: Fleet, service: Service):
    others = [path for other in SERVICES if other != service for path in other.paths]
    assert {path: status(the_fleet, service.port, path) for path in others} == dict.fromkeys(others, 404)
    assert (status(the_fleet, service.port, "/healthz"), status(the_fleet, service.port, "/readyz")) == (200, 200)


def test_the_pages_behind_the_proxy_have_no_service_s_routes(the_fleet: Fleet):
    others = [path for service in INNER for path in service.paths]
    assert {path: status(the_fleet, PAGES_PORT, path) for path in others} == dict.fromkeys(others, 404)
    assert [status(the_fleet, PAGES_PORT, path) for path in ("/api/docs/", "/admin/login/")] == [200, 200]


def test_each_queue_has_one_worker_and_each_worker_one_queue(the_fleet: Fleet):
    listed = the_fleet.broker.control("list_consumers", "-p", "fleet", "--silent").splitlines()
    queues, channels = zip(*(line.split("\t")[:2] for line in listed), strict=True)
    assert sorted(queues) == sorted(QUEUES)
    assert len(set(channels)) == len(QUEUES)


def test_one_is_restarted_by_name_and_a_killed_one_by_itself(the_fleet: Fleet):
    before = the_fleet.processes()
    assert the_fleet.ask("review-service") == "review-service has ended and is started again\n"
    assert the_fleet.ask("nobody").startswith("No process is called nobody; there are: user-service, auth-service, ")
    killed = {"course-service", "work-reviews"}
    for name in killed:
        os.kill(before[name], signal.SIGKILL)
    for service in INNER:
        until(lambda service=service: is_back(the_fleet, service), f"{service.name} is not back", seconds=60)
    until(lambda: the_fleet.consumers()["reviews"] == 1, "its queue has no worker", seconds=60)
    after = the_fleet.processes()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == killed | {"review-service"}
    assert [processes_of(before[name]) for name in changed] == [[], [], []]
    assert "course-service was killed by SIGKILL; started again\n" in "".join(the_fleet.said)
