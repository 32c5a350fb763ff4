"""Network policies: the arrows of the drawing, and no other."""

from typing import Any

import pytest

from learninghub.registry import SERVICES
from tests.conftest import Cluster, Manifest

PUBLIC = {"10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"}
DATA = {"10.0.20.0/24", "10.0.21.0/24", "10.0.22.0/24"}
GATEWAY = "api-gateway"
TWELVE = {service.name: service.port for service in SERVICES if service.name != GATEWAY}


def _matches(selector: Manifest, labels: dict[str, str]) -> bool:
    if not selector.get("matchLabels", {}).items() <= labels.items():
        return False
    for wanted in selector.get("matchExpressions", []):
        is_in = labels.get(wanted["key"]) in wanted["values"]
        if is_in != (wanted["operator"] == "In"):
            return False
    return True


def _labels(cluster: Cluster) -> dict[str, dict[str, str]]:
    return {name.split("/")[1]: pod["metadata"]["labels"] for name, pod in cluster.pods.items()}


def _rules(cluster: Cluster, pod: str, way: str) -> list[Manifest]:
    labels = _labels(cluster)[pod]
    return [
        rule
        for policy in cluster.of_kind("NetworkPolicy")
        if _matches(policy["spec"]["podSelector"], labels)
        for rule in policy["spec"].get(way, [])
    ]


def _may_leave(cluster: Cluster, pod: str, address: str, port: int) -> bool:
    return any(
        peer.get("ipBlock", {}).get("cidr") == address and {"port": port} in rule["ports"]
        for rule in _rules(cluster, pod, "egress")
        for peer in rule["to"]
    )


def _may_call(cluster: Cluster, source: str, target: str, port: int) -> bool:
    """Both ends must agree."""
    labels = _labels(cluster)

    def allows(rules: list[Manifest], side: str, other: dict[str, str]) -> bool:
        return any(
            "podSelector" in peer and "namespaceSelector" not in peer and _matches(peer["podSelector"], other)
            for rule in rules
            if {"port": port} in rule["ports"]
            for peer in rule[side]
        )

    leaves = allows(_rules(cluster, source, "egress"), "to", labels[target])
    enters = allows(_rules(cluster, target, "ingress"), "from", labels[source])
    return leaves and enters


def test_what_is_not_allowed_is_forbidden_both_ways(cluster: Cluster) -> None:
    [nothing] = [policy for policy in cluster.of_kind("NetworkPolicy") if policy["metadata"]["name"] == "nothing"]
    assert nothing["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_the_gateway_calls_the_twelve_and_nobody_else_calls_anyone(cluster: Cluster) -> None:
    everyone = _labels(cluster)
    called = {
        (source, target)
        for source in everyone
        for target, port in TWELVE.items()
        if _may_call(cluster, source, target, port)
    }
    assert called == {(GATEWAY, target) for target in TWELVE}
    assert not any(_may_call(cluster, source, GATEWAY, 3000) for source in everyone)


def test_the_load_balancer_reaches_the_gateway_alone(cluster: Cluster) -> None:
    def from_addresses(pod: str) -> set[str]:
        rules = _rules(cluster, pod, "ingress")
        return {peer["ipBlock"]["cidr"] for rule in rules for peer in rule["from"] if "ipBlock" in peer}

    assert {pod: from_addresses(pod) for pod in _labels(cluster) if from_addresses(pod)} == {GATEWAY: PUBLIC}


def _tiers(cluster: Cluster, port: int) -> set[str]:
    """Who may reach this port in the data subnets."""
    return {
        labels["learninghub/tier"]
        for pod, labels in _labels(cluster).items()
        if all(_may_leave(cluster, pod, subnet, port) for subnet in DATA)
    }


@pytest.mark.parametrize(
    ("port", "tiers"),
    [
        (5432, {"service", "worker", "relay", "schedule", "job"}),
        (6379, {"service", "worker"}),
        (5671, {"worker", "relay"}),
    ],
    ids=["PostgreSQL", "Redis", "RabbitMQ"],
)
def test_the_data_subnets_are_reached_by_these(cluster: Cluster, port: int, tiers: set[str]) -> None:
    assert _tiers(cluster, port) == tiers


def test_only_the_mail_worker_speaks_to_a_mail_server(cluster: Cluster) -> None:
    assert [pod for pod in _labels(cluster) if _may_leave(cluster, pod, "0.0.0.0/0", 587)] == ["mail-worker"]


def test_the_outside_is_never_the_inside(cluster: Cluster) -> None:
    blocks: list[Any] = [
        peer["ipBlock"]
        for policy in cluster.of_kind("NetworkPolicy")
        for rule in policy["spec"].get("egress", [])
        for peer in rule["to"]
        if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0"
    ]
    assert len(blocks) == 2
    for block in blocks:
        assert {"10.0.0.0/16", "10.96.0.0/12", "169.254.0.0/16"} == set(block["except"])
