"""boto3's clients of S3: given up early, and never shared across a fork."""

import os
from threading import Lock
from typing import Any

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]

CONNECT_SECONDS, READ_SECONDS = 2, 5  # R19


class Clients:
    """One client for each process and address, for all threads; `options` are boto3's."""

    def __init__(self, **options: str | None) -> None:
        self._options = options
        self._lock = Lock()
        self._made_by: tuple[int, dict[str | None, Any]] = (0, {})

    def at(self, endpoint: str | None) -> Any:
        """The client of the server at this address; None is AWS."""
        with self._lock:
            if self._made_by[0] != os.getpid():
                self._made_by = (os.getpid(), {})
            clients = self._made_by[1]
            if endpoint not in clients:
                clients[endpoint] = boto3.session.Session().client(
                    "s3", config=_config(endpoint), endpoint_url=endpoint, **self._options
                )
            return clients[endpoint]

    def close(self) -> None:
        """Closes what this process has open."""
        with self._lock:
            if self._made_by[0] == os.getpid():
                for client in self._made_by[1].values():
                    client.close()
            self._made_by = (0, {})


def _config(endpoint: str | None) -> Config:
    return Config(
        signature_version="s3v4",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 1},
        max_pool_connections=32,
        # The newer checksums come as trailers, which servers other than AWS's may not know.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        # Virtual hosts name the region; the default sends forms to another one's address, which redirects.
        s3={"addressing_style": "path" if endpoint else "virtual"},
    )
