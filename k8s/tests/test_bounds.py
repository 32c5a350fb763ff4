"""How much the namespace may take, how fast it grows and shrinks, what is watched, and that every command exists."""

from learninghub.registry import SERVICES
from tests.conftest import K8S, Cluster

SHIPPED = {
    path.stem
    for folder in ("learninghub", "config")
    for path in (K8S.parent / folder / "management" / "commands").glob("[a-z]*.py")
}


def _most(cluster: Cluster) -> dict[str, int]:
    """How many pods a Deployment may have at most."""
    most = {name: made["spec"].get("replicas", 0) for name, made in cluster.named("Deployment").items()}
    most |= {name: made["spec"]["maxReplicas"] for name, made in cluster.named("HorizontalPodAutoscaler").items()}
    most |= {name: made["spec"]["maxReplicaCount"] for name, made in cluster.named("ScaledObject").items()}
    return most


def _mebibytes(amount: str) -> int:
    return int(amount.removesuffix("Gi")) * 1024 if amount.endswith("Gi") else int(amount.removesuffix("Mi"))


def _cores(amount: str) -> float:
    return int(amount.removesuffix("m")) / 1000 if amount.endswith("m") else float(amount)


def test_the_quota_holds_all_pods_at_their_most_with_one_more_of_each_in_a_rollout(cluster: Cluster) -> None:
    [quota] = cluster.of_kind("ResourceQuota")
    cpu, memory, limits, pods = 0.0, 0, 0, 0
    for name, most in _most(cluster).items():
        [container] = cluster.pods[f"Deployment/{name}"]["spec"]["containers"]
        resources, count = container["resources"], most + 1
        cpu += count * _cores(resources["requests"]["cpu"])
        memory += count * _mebibytes(resources["requests"]["memory"])
        limits += count * _mebibytes(resources["limits"]["memory"])
        pods += count
    hard = quota["spec"]["hard"]
    assert 0 < cpu <= _cores(hard["requests.cpu"])
    assert 0 < memory <= _mebibytes(hard["requests.memory"])
    assert 0 < limits <= _mebibytes(hard["limits.memory"])
    assert len(SERVICES) < pods <= int(hard["pods"])


def test_a_container_that_asks_for_nothing_is_given_a_request_and_a_bound(cluster: Cluster) -> None:
    [bounds] = cluster.of_kind("LimitRange")
    [of_containers] = bounds["spec"]["limits"]
    assert set(of_containers["defaultRequest"]) == {"cpu", "memory"}
    assert set(of_containers["default"]) == {"memory"}


def test_services_grow_at_once_and_shrink_by_a_quarter_a_minute(cluster: Cluster) -> None:
    for made in cluster.of_kind("HorizontalPodAutoscaler"):
        assert made["apiVersion"] == "autoscaling/v2"
        assert "scaleUp" not in made["spec"]["behavior"]
        [pace] = made["spec"]["behavior"]["scaleDown"]["policies"]
        assert pace == {"type": "Percent", "value": 25, "periodSeconds": 60}


def test_a_pod_is_ready_when_the_load_balancer_finds_it_so(cluster: Cluster) -> None:
    [namespace] = cluster.of_kind("Namespace")
    assert namespace["metadata"]["labels"]["elbv2.k8s.aws/pod-readiness-gate-inject"] == "enabled"


def test_secrets_are_read_anew_each_hour(cluster: Cluster) -> None:
    [secrets] = cluster.of_kind("ExternalSecret")
    assert secrets["spec"]["refreshInterval"] == "1h"


def test_every_deployment_is_scraped(cluster: Cluster) -> None:
    for made in cluster.of_kind("Deployment"):
        told = made["spec"]["template"]["metadata"]["annotations"]
        assert (told["prometheus.io/scrape"], told["prometheus.io/path"]) == ("true", "/metrics")


def test_every_pod_runs_a_command_that_the_image_has(cluster: Cluster) -> None:
    assert {"serve", "work", "relay", "schedule", "migrate", "backup"} <= SHIPPED
    for pod in cluster.pods.values():
        [container] = pod["spec"]["containers"]
        assert container["args"][0] in SHIPPED
        assert "command" not in container  # the image's own entry point: tini, manage.py
