"""How every pod is run: what an API server, a node and an autoscaler would hold against it."""

import re

from learninghub.registry import QUEUES
from tests.conftest import Cluster, Manifest

WEB_LEAVES_S = 10 + 15 + 30  # preStop, the drain that config/env.py gives, what has begun
PROBED = {"/healthz", "/readyz"}
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def _containers(pod: Manifest) -> list[Manifest]:
    return pod["spec"]["containers"] + pod["spec"].get("initContainers", [])


def test_the_pod_security_standard_restricted_holds(cluster: Cluster) -> None:
    [namespace] = cluster.of_kind("Namespace")
    for mode in ("enforce", "warn", "audit"):
        assert namespace["metadata"]["labels"][f"pod-security.kubernetes.io/{mode}"] == "restricted"
    for pod in cluster.pods.values():
        security = pod["spec"]["securityContext"]
        assert (security["runAsNonRoot"], security["runAsUser"], security["runAsGroup"]) == (True, 10001, 10001)
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["spec"]["automountServiceAccountToken"] is False
        for container in _containers(pod):
            assert container["securityContext"] == RESTRICTED
        for volume in pod["spec"]["volumes"]:
            assert volume["emptyDir"]["sizeLimit"]


def test_every_container_asks_for_processor_and_memory_and_has_a_bound_of_memory(cluster: Cluster) -> None:
    for pod in cluster.pods.values():
        for container in _containers(pod):
            wants, most = container["resources"]["requests"], container["resources"]["limits"]
            assert {"cpu", "memory"} == set(wants)
            assert set(most) == {"memory"}  # a bound on the processor only slows what could run
            assert int(most["memory"].removesuffix("Mi")) <= 2 * int(wants["memory"].removesuffix("Mi"))


def test_all_run_one_image_named_by_digest(cluster: Cluster) -> None:
    images = {container["image"] for pod in cluster.pods.values() for container in _containers(pod)}
    assert len(images) == 1
    assert re.fullmatch(r"\d{12}\.dkr\.ecr\.us-east-1\.amazonaws\.com/learninghub@sha256:[0-9a-f]{64}", images.pop())


def test_every_probe_asks_a_port_and_a_path_that_exist(cluster: Cluster) -> None:
    for made in cluster.of_kind("Deployment"):
        [container] = made["spec"]["template"]["spec"]["containers"]
        ports = {port["name"] for port in container["ports"]}
        assert set(container["startupProbe"]["httpGet"]) == {"path", "port"}
        assert container["livenessProbe"]["tcpSocket"]["port"] in ports  # never HTTP: busy is not dead
        for probe in ("startupProbe", "readinessProbe"):
            assert container[probe]["httpGet"]["port"] in ports
            assert container[probe]["httpGet"]["path"] in PROBED
        started_within = container["startupProbe"]["periodSeconds"] * container["startupProbe"]["failureThreshold"]
        assert started_within >= 60


def test_a_service_is_asked_whether_it_is_ready_and_leaves_in_order(cluster: Cluster) -> None:
    for made in cluster.of_kind("Deployment"):
        pod = made["spec"]["template"]["spec"]
        if made["metadata"]["labels"]["learninghub/tier"] != "service":
            continue
        [container] = pod["containers"]
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert container["lifecycle"]["preStop"] == {"sleep": {"seconds": 10}}
        assert pod["terminationGracePeriodSeconds"] > WEB_LEAVES_S


def test_a_worker_may_finish_what_it_has_begun(cluster: Cluster) -> None:
    for name, pod in cluster.pods.items():
        if name.endswith("-worker"):
            assert pod["spec"]["terminationGracePeriodSeconds"] >= 120  # 90 s a task, 30 s the soft stop


def test_a_rollout_takes_nothing_away_before_it_has_its_like(cluster: Cluster) -> None:
    for name, made in cluster.named("Deployment").items():
        strategy = made["spec"]["strategy"]
        if name == "schedule":
            assert strategy == {"type": "Recreate"}
        else:
            assert strategy["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
        assert made["spec"]["revisionHistoryLimit"] == 5
        assert made["spec"]["minReadySeconds"] > 0
        assert made["spec"]["progressDeadlineSeconds"] > 0


def test_each_number_of_pods_has_one_ruler(cluster: Cluster) -> None:
    by_processor, by_queue = cluster.named("HorizontalPodAutoscaler"), cluster.named("ScaledObject")
    for name, made in cluster.named("Deployment").items():
        rulers = [name in by_processor, name in by_queue, "replicas" in made["spec"]]
        assert rulers.count(True) == 1, name


def test_disruptions_take_one_at_a_time_and_never_wait_for_the_sick(cluster: Cluster) -> None:
    budgets = cluster.named("PodDisruptionBudget")
    assert set(budgets) == set(cluster.named("Deployment"))
    for name, budget in budgets.items():
        assert budget["spec"]["maxUnavailable"] == 1
        assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
        labels = cluster.named("Deployment")[name]["spec"]["selector"]["matchLabels"]
        assert budget["spec"]["selector"]["matchLabels"] == labels


def test_each_selector_matches_its_own_pods_and_no_others(cluster: Cluster) -> None:
    pods = {name: pod["metadata"]["labels"] for name, pod in cluster.pods.items()}
    selectors = {
        f"Deployment/{name}": made["spec"]["selector"]["matchLabels"]
        for name, made in cluster.named("Deployment").items()
    } | {f"Deployment/{name}": made["spec"]["selector"] for name, made in cluster.named("Service").items()}
    for own, selector in selectors.items():
        assert [name for name, labels in pods.items() if selector.items() <= labels.items()] == [own]


def test_pods_spread_over_zones_and_only_workers_live_on_spot_nodes(cluster: Cluster) -> None:
    for name, made in cluster.named("Deployment").items():
        pod = made["spec"]["template"]["spec"]
        [spread] = pod["topologySpreadConstraints"]
        assert spread["topologyKey"] == "topology.kubernetes.io/zone"
        assert spread["labelSelector"]["matchLabels"] == made["spec"]["selector"]["matchLabels"]
        is_worker = name.endswith("-worker")
        assert ("tolerations" in pod) == is_worker
        node = pod["affinity"]["nodeAffinity"]
        assert ("requiredDuringSchedulingIgnoredDuringExecution" in node) != is_worker
        assert pod["priorityClassName"] == ("learninghub-worker" if is_worker else "learninghub-web")
    priorities = {name: made["value"] for name, made in cluster.named("PriorityClass").items()}
    assert priorities["learninghub-web"] > priorities["learninghub-worker"]


def test_every_pod_has_the_account_of_its_service_or_one_of_its_own(cluster: Cluster) -> None:
    accounts = cluster.named("ServiceAccount")
    used = {name.split("/")[1]: pod["spec"]["serviceAccountName"] for name, pod in cluster.pods.items()}
    workers = {f"{queue}-worker": service.name for queue, service in QUEUES.items()}
    assert used == {name: workers.get(name, name) for name in used}
    assert set(used.values()) == set(accounts)
    assert not any(account.get("automountServiceAccountToken") for account in accounts.values())


def test_jobs_end_and_are_counted_by_no_autoscaler(cluster: Cluster) -> None:
    for name, pod in cluster.pods.items():
        if not name.startswith("Deployment/"):
            assert pod["spec"]["restartPolicy"] == "Never"
            assert pod["metadata"]["labels"]["learninghub/tier"] == "job"
    [backup] = cluster.of_kind("CronJob")
    assert backup["spec"]["concurrencyPolicy"] == "Forbid"
    for job in (backup["spec"]["jobTemplate"], *cluster.of_kind("Job")):
        assert job["spec"]["activeDeadlineSeconds"] > 0
        assert job["spec"]["ttlSecondsAfterFinished"] > 0
