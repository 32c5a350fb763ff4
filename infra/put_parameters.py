"""Writes the secrets of one installation to Parameter Store as SecureString, which CloudFormation cannot.

    .venv/bin/python infra/put_parameters.py --environment prod [--set payments/stripe-secret-key=sk_live_...]

What can be made up is made up once; what exists stays, unless --set names it. Prints names, never values.
"""

import argparse
import secrets
import sys
from collections.abc import Callable

import boto3
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

KEY = "alias/learninghub-data"


def _password() -> str:
    return secrets.token_urlsafe(36)


def _private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_half(private: str) -> str:
    key = serialization.load_pem_private_key(private.encode(), None)
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


MADE: dict[str, Callable[[], str]] = {
    "app/secret-key": _password,
    "app/jwt-signing-keys": _private_key,
    "database/password": _password,
    "redis/password": _password,
    "media/url-private-key": _private_key,
}
MADE_FOR_STAGING = {"broker/password": _password}  # production's is made by CloudFormation
GIVEN = ("app/email-url", "app/sentry-dsn", "payments/stripe-secret-key", "payments/stripe-webhook-secret")
PUBLIC = "media/url-public-key"


def put(*, environment: str, given: dict[str, str], key: str) -> list[str]:
    """Returns the names written; never overwrites what was made up before."""
    store = boto3.client("ssm")
    written = []

    def write(name: str, value: str, kind: str, *, overwrite: bool) -> None:
        extra = {"KeyId": key} if kind == "SecureString" else {}
        try:
            store.put_parameter(
                Name=f"/learninghub/{environment}/{name}", Value=value, Type=kind, Overwrite=overwrite, **extra
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterAlreadyExists":
                raise
            return
        written.append(name)

    for name, make in (MADE | (MADE_FOR_STAGING if environment == "staging" else {})).items():
        write(name, given.get(name) or make(), "SecureString", overwrite=name in given)
    for name in GIVEN:
        if name in given:
            write(name, given[name], "SecureString", overwrite=True)
    kept = store.get_parameter(Name=f"/learninghub/{environment}/media/url-private-key", WithDecryption=True)
    write(PUBLIC, public_half(kept["Parameter"]["Value"]), "String", overwrite=True)
    return written


def main() -> int:
    parser = argparse.ArgumentParser(description="Write an installation's secrets to Parameter Store.")
    parser.add_argument("--environment", choices=("prod", "staging"), required=True)
    parser.add_argument("--set", dest="given", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--key", default="alias/aws/ssm", help=f"the KMS key; {KEY} once the foundation stands")
    asked = parser.parse_args()
    given = dict(one.split("=", 1) for one in asked.given)
    if unknown := given.keys() - MADE.keys() - set(GIVEN):
        parser.error(f"no such secret: {', '.join(sorted(unknown))}")
    for name in put(environment=asked.environment, given=given, key=asked.key):
        print(f"written: /learninghub/{asked.environment}/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
