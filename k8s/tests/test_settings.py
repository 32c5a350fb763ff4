"""Settings and secrets: every name is one that config/env.py reads, every reference is to something that exists."""

import re

from tests.conftest import K8S, Cluster

KNOWN = set(re.findall(r'Setting\(\s*"([A-Z_0-9]+)"', (K8S.parent / "config" / "env.py").read_text()))
SHARED = {"DATABASE_URL", "SECRET_KEY", "JWT_SIGNING_KEYS", "SITE_URL"}  # a service does not start without
SECRET = {"AMQP_URL", "DATABASE_URL", "EMAIL_URL", "JWT_SIGNING_KEYS", "REDIS_URL", "SECRET_KEY"}


def test_names_are_those_that_the_code_reads(cluster: Cluster) -> None:
    settings = cluster.of_kind("ConfigMap")[0]  # the rollout's; the migration brings the same
    [secrets] = cluster.of_kind("ExternalSecret")
    told = set(settings["data"]) | {entry["secretKey"] for entry in secrets["spec"]["data"]}
    for pod in cluster.pods.values():
        told |= {entry["name"] for container in pod["spec"]["containers"] for entry in container["env"]}
    assert len(KNOWN) > 15
    assert told <= KNOWN
    assert told >= SHARED


def test_secrets_come_from_the_parameter_store_of_the_environment_alone(cluster: Cluster) -> None:
    settings = cluster.of_kind("ConfigMap")[0]  # the rollout's; the migration brings the same
    [secrets] = cluster.of_kind("ExternalSecret")
    assert not SECRET & set(settings["data"])
    assert not cluster.of_kind("Secret")
    for entry in secrets["spec"]["data"]:
        assert entry["remoteRef"]["key"] == f"/learninghub/{cluster.name}/{entry['secretKey']}"
    assert {entry["secretKey"] for entry in secrets["spec"]["data"]} >= SECRET


def test_every_reference_is_to_something_that_exists(cluster: Cluster) -> None:
    maps = set(cluster.named("ConfigMap"))
    secrets = {made["spec"]["target"]["name"] for made in cluster.of_kind("ExternalSecret")}
    for pod in cluster.pods.values():
        for container in pod["spec"]["containers"]:
            for source in container["envFrom"]:
                [(kind, named)] = source.items()
                assert named["name"] in {"configMapRef": maps, "secretRef": secrets}[kind]
        assert pod["spec"]["priorityClassName"] in cluster.named("PriorityClass")
    for store in cluster.of_kind("SecretStore"):
        account = store["spec"]["provider"]["aws"]["auth"]["jwt"]["serviceAccountRef"]["name"]
        assert account in cluster.named("ServiceAccount")


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
