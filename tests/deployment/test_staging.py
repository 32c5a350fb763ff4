"""infra/staging/settings.sh on the staging machine: from Parameter Store to what the containers are started with."""

import json
import os
import runpy
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from config.env import ROOT, Environment
from tests.support.instances.server import needs

SCRIPT = ROOT / "infra" / "staging" / "settings.sh"
REGION = "us-east-1"
DIGEST = f"sha256:{'0' * 64}"
# Amazon Linux brings `aws`; this asks the same of the same service, as far as the script does.
AWS = """
import argparse, sys, boto3, botocore
asked = argparse.ArgumentParser()
for words in (["service"], ["verb"], ["--with-decryption"], ["--name"], ["--query"], ["--output"]):
    asked.add_argument(*words, **({"action": "store_true"} if words == ["--with-decryption"] else {}))
chosen = asked.parse_args()
assert (chosen.service, chosen.verb) == ("ssm", "get-parameter")
assert (chosen.query, chosen.output) == ("Parameter.Value", "text")
try:
    found = boto3.client("ssm").get_parameter(Name=chosen.name, WithDecryption=chosen.with_decryption)
    print(found["Parameter"]["Value"])
except botocore.exceptions.ClientError as error:
    sys.exit(str(error))
"""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    server.stop()


@pytest.fixture
def store(endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Parameter Store as infra/ leaves it: the secrets by its script, the bucket's name by CloudFormation."""
    program = tmp_path / "bin" / "aws"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\n{AWS}")
    program.chmod(0o755)
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test", "PATH": f"{program.parent}:{os.environ['PATH']}",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    client = boto3.client("ssm")
    for found in client.get_parameters_by_path(Path="/learninghub", Recursive=True)["Parameters"]:
        client.delete_parameter(Name=found["Name"])
    put = runpy.run_path(str(ROOT / "infra" / "put_parameters.py"))["put"]
    put(environment="staging", given={}, key="alias/aws/ssm")
    client.put_parameter(Name="/learninghub/staging/media/bucket", Value="learninghub-staging-files-1", Type="String")
    return client


def write(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SCRIPT, file], capture_output=True, text=True, check=False)


def read(file: Path) -> dict[str, str]:
    pairs = (line.partition("=") for line in file.read_text().splitlines())
    return {name: value.removeprefix("'").removesuffix("'") for name, _, value in pairs}


def value_of(store: Any, name: str) -> str:
    value: str = store.get_parameter(Name=f"/learninghub/staging/{name}", WithDecryption=True)["Parameter"]["Value"]
    return value


def test_the_file_holds_settings_that_a_service_starts_with_and_root_alone_reads(store: Any, tmp_path: Path) -> None:
    file = tmp_path / "run" / "settings.env"

    done = write(file)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)
    assert [path.name for path in file.parent.iterdir()] == ["settings.env"]
    told = read(file)
    environment = Environment(told)
    environment.demand_what_is_shared()
    assert environment["SECRET_KEY"] == value_of(store, "app/secret-key")
    assert environment["JWT_SIGNING_KEYS"] == [value_of(store, "app/jwt-signing-keys")]
    assert environment["S3_BUCKET"] == "learninghub-staging-files-1"
    assert told["DATABASE_URL"] == f"postgres://hub:{value_of(store, 'database/password')}@postgres:5432/hub"
    assert told["POSTGRES_PASSWORD"] == value_of(store, "database/password")
    assert told["RABBITMQ_DEFAULT_PASS"] in told["AMQP_URL"]
    assert "EMAIL_URL" not in told


def test_what_people_gave_is_taken_character_by_character(store: Any, tmp_path: Path) -> None:
    email = 'smtp+tls://hub:a$b#c"d\\e f@mail.example.org:587'
    store.put_parameter(Name="/learninghub/staging/app/email-url", Value=email, Type="SecureString")

    assert write(tmp_path / "settings.env").returncode == 0

    assert read(tmp_path / "settings.env")["EMAIL_URL"] == email


@pytest.mark.parametrize(
    ("name", "value"),
    [("database/password", None), ("app/email-url", "smtp://it's@mail")],
    ids=["a parameter is missing", "a quote"],
)
def test_without_all_of_it_the_file_stays_as_it_was(store: Any, tmp_path: Path, name: str, value: str | None) -> None:
    file = tmp_path / "settings.env"
    file.write_text("before")
    place = f"/learninghub/staging/{name}"
    if value is None:
        store.delete_parameter(Name=place)
    else:
        store.put_parameter(Name=place, Value=value, Type="SecureString")

    done = write(file)

    assert done.returncode != 0
    assert done.stderr
    assert file.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "settings.env"]


def test_compose_gives_it_to_the_containers_as_it_is(store: Any, tmp_path: Path) -> None:
    needs("docker")
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode != 0:
        pytest.skip("Docker Compose is not installed")
    file = tmp_path / "settings.env"
    email = 'smtp+tls://hub:a$b#c "d\\e@mail.example.org:587'
    store.put_parameter(Name="/learninghub/staging/app/email-url", Value=email, Type="SecureString")
    assert write(file).returncode == 0
    asked_for = {f"{name}_DIGEST": DIGEST for name in ("POSTGRES", "REDIS", "RABBITMQ", "NGINX")}
    asked_for |= {"SETTINGS_FILE": str(file), "LEARNINGHUB_IMAGE": f"hub@{DIGEST}"}

    done = subprocess.run(
        ["docker", "compose", "-f", "compose.staging.yaml", "config", "--format", "json"],
        cwd=ROOT, env=os.environ | asked_for, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    given = json.loads(done.stdout)["services"]["notification-worker"]["environment"]
    told = {name: value.replace("$$", "$") for name, value in given.items()}  # as it writes a dollar
    assert told == told | read(file)
    assert told["EMAIL_URL"] == email
