"""The two stores bytes may lie in, for tests: files, and an S3-shaped server behind a line that can be hurt."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.test import override_settings

from sandbox import s3
from sandbox.tcp import TcpProxy
from tests.support.http import Answer, Headers

PUBLIC_NAME = "localhost"  # clients know the server by this name, and we by its number


@contextmanager
def files(folder: Path) -> Iterator[None]:
    """The store keeps files in the folder."""
    backend = {"BACKEND": "learninghub.storage.WholeFiles", "OPTIONS": {"location": folder}}
    with override_settings(STORAGES=settings.STORAGES | {"default": backend}):
        yield


@contextmanager
def objects(port: int, *, public_url: str = "") -> Iterator[None]:
    """The store keeps objects in the server of this port, which clients reach at the public address if there is one."""
    backend = {
        "BACKEND": "learninghub.storage.s3.Objects",
        "OPTIONS": {
            "bucket": "files",
            "endpoint_url": f"http://127.0.0.1:{port}",
            "public_url": public_url,
            "region": s3.REGION,
            "access_key": s3.KEY,
            "secret_key": s3.SECRET,
        },
    }
    with override_settings(STORAGES=settings.STORAGES | {"default": backend}):
        try:
            yield
        finally:
            storages["default"].close()


@pytest.fixture(scope="module")
def bucket() -> Iterator[int]:
    """For a whole file the store keeps objects in a server that clients reach by its public name; the server's port."""
    with s3.serve() as port, objects(port, public_url=f"http://{PUBLIC_NAME}:{port}"):
        yield port


@contextmanager
def line() -> Iterator[tuple[int, TcpProxy]]:
    """An S3-shaped server: its port, and a line to it."""
    with s3.serve() as port, TcpProxy(port=port) as proxy:
        yield port, proxy


def follow(address: str, method: str = "GET", **headers: str) -> Answer:
    """What the store itself answers at an address to which a client was led."""
    parts = urlsplit(address)
    line = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        line.request(method, f"{parts.path}?{parts.query}", headers=headers)
        answer = line.getresponse()
        found = Headers((name.lower(), value) for name, value in answer.getheaders())
        return Answer(status=answer.status, headers=found, body=answer.read())
    finally:
        line.close()
