"""An S3-shaped server, which keeps objects in memory and checks no signature.

By hand: `python -m sandbox.s3 --port 9000 --bucket files`, and the house with `S3_BUCKET=files`, any keys and
`S3_ENDPOINT_URL=http://127.0.0.1:9000`.
"""

import argparse
import contextlib
import logging
import sys
import threading
from collections.abc import Iterator

import boto3
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"
BUCKET = "files"


@contextlib.contextmanager
def serve(*buckets: str, host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """Serves these buckets, BUCKET where none is named; gives the port."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for every request else
    server = ThreadedMotoServer(ip_address=host, port=port, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    try:
        client = boto3.session.Session().client("s3", **options(port))
        # What it keeps belongs to the Python process: a second server finds the first one's bucket.
        with contextlib.closing(client):
            for bucket in buckets or (BUCKET,):
                with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
                    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield port
    finally:
        server.stop()


def options(port: int) -> dict[str, str]:
    """How boto3 reaches the server."""
    return {
        "endpoint_url": f"http://127.0.0.1:{port}",
        "region_name": REGION,
        "aws_access_key_id": "sandbox",
        "aws_secret_access_key": "sandbox",
    }


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--host", default="127.0.0.1")
    asked.add_argument("--port", type=int, default=9000)
    asked.add_argument("--bucket", action="append", default=[])
    chosen = asked.parse_args()
    with serve(*chosen.bucket, host=chosen.host, port=chosen.port) as port:
        print(f"Listening on http://{chosen.host}:{port}; Ctrl-C stops.", flush=True)  # noqa: T201
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
