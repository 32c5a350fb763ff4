"""The thirteen services and their workers, held against the registry and the drawing."""

import ipaddress

from learninghub.registry import NAMESPACE, QUEUES, SERVICES
from tests.conftest import OVERLAYS, Cluster

SERVICE_RANGE = ipaddress.ip_network("10.96.0.0/12")  # docs/decisions: the range that holds every drawn address
DNS_OF_THE_CLUSTER = ipaddress.ip_address("10.96.0.10")


def test_the_namespace_is_the_drawn_one(production: Cluster) -> None:
    assert OVERLAYS["production"] == NAMESPACE == production.namespace
    assert [found["metadata"]["name"] for found in production.of_kind("Namespace")] == [NAMESPACE]


def test_everything_lies_in_the_overlays_namespace(cluster: Cluster) -> None:
    outside = {"Namespace", "PriorityClass"}
    for found in cluster.objects:
        assert found["metadata"].get("namespace") == (None if found["kind"] in outside else cluster.namespace)


def test_every_service_has_its_name_port_and_address(production: Cluster) -> None:
    found = {
        name: (made["spec"]["clusterIP"], [(port["port"], port["targetPort"]) for port in made["spec"]["ports"]])
        for name, made in production.named("Service").items()
    }
    assert found == {service.name: (service.cluster_ip, [(service.port, "http")]) for service in SERVICES}


def test_addresses_are_unique_and_free_for_services(production: Cluster) -> None:
    addresses = [ipaddress.ip_address(made["spec"]["clusterIP"]) for made in production.of_kind("Service")]
    assert len(set(addresses)) == len(SERVICES)
    assert all(address in SERVICE_RANGE for address in addresses)
    assert DNS_OF_THE_CLUSTER not in addresses


def test_every_service_serves_itself_on_its_port(cluster: Cluster) -> None:
    deployments = cluster.named("Deployment")
    for service in SERVICES:
        [container] = deployments[service.name]["spec"]["template"]["spec"]["containers"]
        assert container["args"] == ["serve", service.name]
        assert container["ports"] == [{"name": "http", "containerPort": service.port}]


def test_every_queue_has_one_worker_of_its_service_and_nothing_else_runs(cluster: Cluster) -> None:
    found = {
        name: made["spec"]["template"]["spec"]["containers"][0]["args"]
        for name, made in cluster.named("Deployment").items()
    }
    workers = {f"{queue}-worker": ["work", service.name, "--queue", queue] for queue, service in QUEUES.items()}
    services = {service.name: ["serve", service.name] for service in SERVICES}
    assert found == services | workers | {"relay": ["relay"], "schedule": ["schedule"]}


def test_services_scale_within_the_registrys_bounds_by_processor(production: Cluster) -> None:
    found = production.named("HorizontalPodAutoscaler")
    assert {name: (made["spec"]["minReplicas"], made["spec"]["maxReplicas"]) for name, made in found.items()} == {
        service.name: service.replicas for service in SERVICES
    }
    for name, made in found.items():
        assert made["spec"]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
        [metric] = made["spec"]["metrics"]
        assert metric["resource"] == {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}
        assert made["spec"]["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 300


def test_workers_scale_by_the_length_of_their_queue(cluster: Cluster) -> None:
    found = cluster.named("ScaledObject")
    assert set(found) == {f"{queue}-worker" for queue in QUEUES}
    for queue in QUEUES:
        spec = found[f"{queue}-worker"]["spec"]
        assert spec["scaleTargetRef"] == {"name": f"{queue}-worker"}
        [trigger] = spec["triggers"]
        assert trigger["type"] == "rabbitmq"
        assert trigger["metadata"] == {"queueName": queue, "mode": "QueueLength", "value": "50", "protocol": "amqp"}
        assert trigger["authenticationRef"]["name"] in cluster.named("TriggerAuthentication")
        assert 1 == spec["minReplicaCount"] < spec["maxReplicaCount"]


def test_the_rehearsal_is_small_and_takes_no_drawn_address() -> None:
    staging = Cluster("staging")
    assert {made["spec"]["maxReplicas"] for made in staging.of_kind("HorizontalPodAutoscaler")} == {2}
    assert not any("clusterIP" in made["spec"] for made in staging.of_kind("Service"))
