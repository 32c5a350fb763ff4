"""The script that writes secrets to Parameter Store, against a store that speaks AWS's protocol."""

import runpy
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

SCRIPT = Path(__file__).parents[2] / "infra/put_parameters.py"


@pytest.fixture
def store(monkeypatch):
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield boto3.client("ssm")


def put(**given):
    return runpy.run_path(str(SCRIPT))["put"](environment="prod", given=given, key="alias/aws/ssm")


def all_of(store):
    found = store.get_parameters_by_path(Path="/learninghub/prod", Recursive=True, WithDecryption=True)["Parameters"]
    return {one["Name"].removeprefix("/learninghub/prod/"): one for one in found}


def test_secrets_are_written_as_secure_strings_once(store):
    assert len(put()) == 6
    first = all_of(store)
    assert {name for name, one in first.items() if one["Type"] != "SecureString"} == {"media/url-public-key"}
    assert put() == ["media/url-public-key"]
    assert {name: one["Value"] for name, one in all_of(store).items()} == {
        name: one["Value"] for name, one in first.items()
    }


def test_what_is_given_replaces_what_stands(store):
    put()
    assert "app/secret-key" in put(**{"app/secret-key": "x" * 40, "app/sentry-dsn": "https://key@example.org/1"})
    assert all_of(store)["app/secret-key"]["Value"] == "x" * 40
    assert all_of(store)["app/sentry-dsn"]["Type"] == "SecureString"
