"""Every pod that may run, with every connection it may hold, fits into the database with a fifth to spare (R22)."""

import re

from tests.conftest import K8S, Cluster, Manifest

ROOM = 0.8
# Beside the pool: the relay's bell, the lead of the schedule, the dump of pg_dump.
DIRECT = {"relay": 1, "schedule": 1, "backup": 1}


def _said(pattern: str, *path: str) -> int:
    [found] = re.findall(pattern, K8S.parent.joinpath(*path).read_text())
    return int(found)


def _held(pod: Manifest, *, processes: int) -> int:
    [container] = pod["spec"]["containers"]
    told = {entry["name"]: entry["value"] for entry in container["env"]}
    return processes * int(told["DATABASE_POOL"]) + DIRECT.get(container["args"][0], 0)


def test_all_pods_together_leave_a_fifth_of_what_the_database_allows(cluster: Cluster) -> None:
    most = _said(r'"max_connections": "(\d+)"', "infra", "cdk", "learninghub_infra", "database.py")
    children = _said(r'"--concurrency", type=int, default=(\d+)', "config", "management", "commands", "work.py")
    scaled = {
        made["spec"]["scaleTargetRef"]["name"]: made["spec"].get("maxReplicas") or made["spec"]["maxReplicaCount"]
        for made in cluster.of_kind("HorizontalPodAutoscaler", "ScaledObject")
    }
    held = {}
    for name, pod in cluster.pods.items():
        kind, _, own = name.partition("/")
        [container] = pod["spec"]["containers"]
        replicas = cluster.named(kind)[own]["spec"].get("replicas", 1)
        processes = children if container["args"][0] == "work" else 1
        held[name] = scaled.get(own, replicas) * _held(pod, processes=processes)
    assert 0 < sum(held.values()) <= ROOM * most, held
