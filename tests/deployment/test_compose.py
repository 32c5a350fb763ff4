"""The compose files and the image's recipe, held against the registry and against each other."""

import re
from typing import Any

import pytest
import yaml

from config.env import ROOT, SETTINGS
from learninghub.pdf import system
from learninghub.registry import SERVICES

SANDBOX = {"mail", "s3"}
OF_OTHERS = {"postgres", "redis", "rabbitmq", "nginx"} | SANDBOX
FILES = ("compose.yaml", "compose.staging.yaml")


def services_of(file: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / file).read_text())["services"]
    return found


def ours(file: str) -> dict[str, Any]:
    return {name: one for name, one in services_of(file).items() if name not in OF_OTHERS}


@pytest.mark.parametrize("file", FILES)
def test_every_service_is_served_and_asked_on_its_port(file: str) -> None:
    found = services_of(file)
    for service in SERVICES:
        assert found[service.name]["command"] == ["serve", service.name]
        probe = found[service.name]["healthcheck"]["test"]
        assert probe == ["CMD", "python", "-m", "learninghub.http.probe", str(service.port)]


@pytest.mark.parametrize("file", FILES)
def test_every_service_has_its_worker_and_nothing_else_runs(file: str) -> None:
    commands = {tuple(one["command"]) for one in ours(file).values()}
    serving = {("serve", service.name) for service in SERVICES}
    working = {("work", service.name, "--concurrency", "1") for service in SERVICES}
    in_one = {("serve",)} if file == "compose.yaml" else set()
    assert commands == serving | working | in_one | {("relay",), ("schedule",), ("migrate",)}


@pytest.mark.parametrize("file", FILES)
def test_ours_write_nowhere_may_do_nothing_special_and_wait_for_the_tables(file: str) -> None:
    for name, one in ours(file).items():
        assert (one["read_only"], one["tmpfs"], one["cap_drop"]) == (True, ["/tmp"], ["ALL"])  # noqa: S108
        assert one["security_opt"] == ["no-new-privileges:true"]
        if name != "migrate":
            assert one["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_what_stands_in_for_the_outside_world_may_do_no_more() -> None:
    for name in SANDBOX:
        one = services_of("compose.yaml")[name]
        assert (one["user"], one["read_only"], one["cap_drop"]) == ("10001:10001", True, ["ALL"])
        assert one["command"][0] == f"sandbox.{'smtp' if name == 'mail' else name}"
        assert one["build"]["target"] == "test"


def test_development_keeps_files_in_its_s3_server_and_gives_mail_to_its_catcher() -> None:
    found = services_of("compose.yaml")
    settings = found["hub"]["environment"]
    assert settings["S3_ENDPOINT_URL"] == f"http://s3:{found['s3']['command'][4]}"
    assert settings["S3_BUCKET"] in found["s3"]["command"]
    assert settings["EMAIL_URL"] == f"smtp://mail:{found['mail']['command'][4]}"
    assert found["hub"]["depends_on"]["s3"] == {"condition": "service_healthy"}


@pytest.mark.parametrize("file", FILES)
def test_settings_are_those_that_the_code_reads(file: str) -> None:
    known = {setting.name for setting in SETTINGS}
    for one in ours(file).values():
        assert set(one["environment"]) <= known


@pytest.mark.parametrize("file", FILES)
def test_whatever_answers_on_a_port_is_asked_whether_it_does(file: str) -> None:
    answering = {
        name for name, one in services_of(file).items() if "ports" in one or one.get("command", [""])[0] == "serve"
    }
    asked = {name for name, one in services_of(file).items() if "healthcheck" in one}
    assert answering <= asked


def test_development_opens_ports_to_this_machine_alone() -> None:
    ports = [port for one in services_of("compose.yaml").values() for port in one.get("ports", [])]
    assert len(ports) >= 5
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_development_is_one_container_unless_the_fleet_is_asked_for() -> None:
    assert "COMPOSE_PROFILES=one\n" in (ROOT / ".env").read_text()
    found = services_of("compose.yaml")
    assert found["hub"]["profiles"] == ["one"]
    assert "AMQP_URL" not in found["hub"]["environment"]
    for name in {*(service.name for service in SERVICES), "nginx", "rabbitmq", "relay", "schedule"}:
        assert found[name]["profiles"] == ["fleet"]


def test_staging_names_images_by_digest_bounds_memory_and_holds_no_secret() -> None:
    for name, one in services_of("compose.staging.yaml").items():
        digest = "LEARNINGHUB_IMAGE" if name not in OF_OTHERS else f"@${{{name.upper()}_DIGEST"
        assert digest in one["image"]
        assert one["mem_limit"]
    text = (ROOT / "compose.staging.yaml").read_text()
    assert not re.search(r"SECRET_KEY|DATABASE_URL|JWT_SIGNING_KEYS|PASSWORD", text)


def test_the_image_is_built_of_locked_packages_with_what_never_changes_first() -> None:
    recipe = (ROOT / "Dockerfile").read_text()
    stages = {part.split()[-1]: rest for part, _, rest in (
        stage.partition("\n") for stage in re.split(r"^FROM ", recipe, flags=re.MULTILINE)[1:]
    )}  # fmt: skip
    for name in ("deps", "test"):
        assert "--mount=type=cache,target=/var/cache/pip" in stages[name]
        assert "--require-hashes" in stages[name]
    assert "COPY" not in stages["base"] + stages["deps"]
    for work in ("scripts.compile_messages", "collectstatic", "compileall"):
        assert work in stages["assets"]
    assert "pip" not in stages["runtime"].replace("/var/cache/pip", "")
    labels = re.findall(r"org\.opencontainers\.image\.(\w+)=", stages["runtime"])
    assert labels == ["title", "description", "revision"]
    assert stages["runtime"].index("ARG GIT_SHA") > stages["runtime"].index("COPY")


def test_the_image_runs_as_nobody_in_particular_and_ships_no_tests() -> None:
    recipe = (ROOT / "Dockerfile").read_text()
    assert not recipe.startswith("# syntax")
    stages = re.findall(r"^FROM \S+ AS (\w+)$", recipe, re.MULTILINE)
    assert stages == ["base", "deps", "assets", "test", "runtime"]
    runtime = recipe.partition("AS runtime")[2]
    assert "\nUSER 10001:10001\n" in runtime
    assert "\nSTOPSIGNAL SIGTERM\n" in runtime
    assert 'ENTRYPOINT ["tini", "--", "python", "manage.py"]' in runtime
    assert all(f" {package} " in runtime for package in system.DEBIAN_PACKAGES)
    copied = re.findall(r"^COPY --from=assets /app/(\S+)", runtime, re.MULTILINE)
    assert copied == ["manage.py", "learninghub", "apps", "config", "static"]
