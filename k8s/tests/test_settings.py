"""Settings and secrets: every name is one that config/env.py reads, every reference is to something that exists."""

import re

from tests.conftest import K8S, Cluster

KNOWN = set(re.findall(r'Setting\(\s*"([A-Z_0-9]+)"', (K8S.parent / "config" / "env.py").read_text()))
SHARED = {"DATABASE_URL", "SECRET_KEY", "JWT_SIGNING_KEYS", "SITE_URL"}  # a service does not start without
SECRET = {
    *("AMQP_URL", "DATABASE_URL", "EMAIL_URL", "JWT_SIGNING_KEYS", "REDIS_URL", "SECRET_KEY"),
    *("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"),
}


PATHS = {"production": "learninghub/prod", "staging": "learninghub/staging"}
WRITTEN = set(re.findall(r'"([a-z]+/[a-z-]+)"', "".join(path.read_text() for path in (
    K8S.parent / "infra" / "put_parameters.py", *(K8S.parent / "infra" / "cdk" / "learninghub_infra").glob("*.py")
))))  # fmt: skip


def _told(cluster: Cluster) -> dict[str, str]:
    [secrets] = cluster.of_kind("ExternalSecret")
    return secrets["spec"]["target"]["template"]["data"]


def test_names_are_those_that_the_code_reads(cluster: Cluster) -> None:
    settings = cluster.of_kind("ConfigMap")[0]  # the rollout's; the migration brings the same
    told = set(settings["data"]) | set(_told(cluster))
    for pod in cluster.pods.values():
        told |= {entry["name"] for container in pod["spec"]["containers"] for entry in container["env"]}
    assert len(KNOWN) > 15
    assert told <= KNOWN
    assert told >= SHARED


def test_secrets_are_made_of_parts_that_infra_writes_for_this_environment(cluster: Cluster) -> None:
    settings = cluster.of_kind("ConfigMap")[0]
    [secrets] = cluster.of_kind("ExternalSecret")
    assert not SECRET & set(settings["data"])
    assert not cluster.of_kind("Secret")
    assert set(_told(cluster)) >= SECRET
    for entry in secrets["spec"]["data"]:
        place, _, part = entry["remoteRef"]["key"].strip("/").rpartition(f"{PATHS[cluster.name]}/")
        assert place == ""
        assert part in WRITTEN | {"broker"}, part
    known = {entry["secretKey"] for entry in secrets["spec"]["data"]}
    used = set(re.findall(r"[.$]\.?([a-z_]+) ", " ".join(_told(cluster).values()).replace("}}", " }}")))
    assert known == {name for name in used if "_" in name}


def test_every_reference_is_to_something_that_exists(cluster: Cluster) -> None:
    maps = set(cluster.named("ConfigMap"))
    secrets = {made["spec"]["target"]["name"] for made in cluster.of_kind("ExternalSecret")}
    for pod in cluster.pods.values():
        for container in pod["spec"]["containers"]:
            for source in container["envFrom"]:
                [(kind, named)] = source.items()
                assert named["name"] in {"configMapRef": maps, "secretRef": secrets}[kind]
        assert pod["spec"]["priorityClassName"] in cluster.named("PriorityClass")
    stores = set(cluster.named("SecretStore"))
    for asked in cluster.of_kind("ExternalSecret"):
        named = [entry["sourceRef"]["storeRef"]["name"] for entry in asked["spec"]["data"] if "sourceRef" in entry]
        assert stores == {asked["spec"]["secretStoreRef"]["name"], *named}


def test_kinds_are_known_or_allowed(cluster: Cluster) -> None:
    custom = {found["kind"] for found in cluster.objects if "." in found["apiVersion"].split("/")[0]}
    native = {"NetworkPolicy", "PriorityClass"}  # these groups carry a dot too
    expected = {"ScaledObject", "TriggerAuthentication", "ExternalSecret", "SecretStore"}
    if cluster.name == "production":
        expected |= {"TargetGroupBinding"}
    assert custom - native == expected


def test_the_load_balancer_is_joined_to_the_gateway(production: Cluster) -> None:
    [binding] = production.of_kind("TargetGroupBinding")
    assert binding["spec"]["serviceRef"] == {"name": "api-gateway", "port": "http"}
    assert binding["spec"]["targetType"] == "ip"
    assert ":targetgroup/" in binding["spec"]["targetGroupARN"]
